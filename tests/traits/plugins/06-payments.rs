use api::{
    Acquirer, Answer, Credentials, Endpoints, Failure, LogEntry, MaybeSecret, ProviderError, ReportResult, Unit,
};
use error_stack::Report;

/// A provider.
#[derive(Default)]
pub struct Beta;

impl Acquirer for Beta {
    fn id(&self) -> &'static str {
        "beta"
    }

    fn unit(&self) -> Unit {
        Unit::Whole
    }

    fn authenticate(
        &self,
        credentials: &Credentials,
    ) -> ReportResult<Vec<(String, MaybeSecret<String>)>, ProviderError> {
        match credentials {
            Credentials::Key { key } => Ok(vec![("key".to_string(), MaybeSecret::Secret(key.clone()))]),
            _ => Err(Report::new(ProviderError::Missing { field: "key" }).attach_printable("beta has keys only")),
        }
    }

    fn url<'a>(&self, endpoints: &'a Endpoints) -> &'a str {
        &endpoints.beta.url
    }

    fn failure(&self, answer: Answer, log: Option<&mut LogEntry>) -> ReportResult<Failure, ProviderError> {
        let body: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|error| Report::new(error).change_context(ProviderError::Response))?;
        if let Some(log) = log {
            log.set_response(answer.status, body);
        }
        Err(Report::new(ProviderError::Unexpected(answer.body)))
    }
}

plugbox::export!(Beta as dyn Acquirer);
