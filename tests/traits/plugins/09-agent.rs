use api::{Confirmation, Message, MessageStream, ModelSettings, Oracle, OracleError, Tool, Usage};
use async_trait::async_trait;
use futures::stream;

/// Repeats what it is asked.
#[derive(Default)]
pub struct Echo;

#[async_trait]
impl Oracle for Echo {
    fn name(&self) -> &str {
        "echo"
    }

    async fn stream(
        &self,
        settings: &ModelSettings,
        _session: &str,
        _system: &str,
        messages: &[Message],
        tools: &[Tool],
    ) -> Result<MessageStream, OracleError> {
        if !tools.is_empty() {
            return Err(OracleError::NotImplemented("tools".to_string()));
        }
        let usage = Usage { model: settings.model.clone(), tokens: Default::default() };
        let parts: Vec<_> = messages.iter().map(|message| Ok((Some(message.clone()), None))).collect();
        Ok(Box::pin(stream::iter(parts.into_iter().chain([Ok((None, Some(usage)))]))))
    }

    fn settings(&self) -> ModelSettings {
        ModelSettings {
            model: "echo".to_string(),
            window: None,
            temperature: None,
            max_tokens: None,
            emulate_tools: false,
            fast: None,
            parameters: None,
        }
    }

    async fn confirm(&self, request: &str, _confirmation: &Confirmation) -> bool {
        request == "echo"
    }
}

plugbox::export!(Echo as dyn Oracle);
