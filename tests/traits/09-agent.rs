//! Language models of an agent. The plugin trait is `Oracle`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

#[derive(Error, Debug, Clone, PartialEq)]
pub enum OracleError {
    #[error("not authenticated: {0}")]
    Authentication(String),
    #[error("the text is too long: {0}")]
    TooLong(String),
    #[error("too many calls: {details}")]
    TooMany { details: String, retry_after: Option<Duration> },
    #[error("the server has failed: {0}")]
    Server(String),
    #[error("cannot run: {0}")]
    Run(String),
    #[error("not implemented: {0}")]
    NotImplemented(String),
    #[error("{0} are missing on the account")]
    Balance(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    User,
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolFailure {
    pub code: i32,
    pub message: Cow<'static, str>,
    pub data: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub name: Cow<'static, str>,
    pub arguments: Option<Map<String, Value>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    Text { text: String, for_user: bool },
    Image { data: String, media: String },
    Request { id: String, call: Result<ToolCall, ToolFailure> },
    Response { id: String, result: Result<Vec<Value>, ToolFailure> },
    Thought { text: String, signature: String },
}

impl Content {
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Content::Text { text, .. } => Some(text),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub id: Option<String>,
    pub role: Role,
    pub time: i64,
    pub content: Vec<Content>,
}

impl Message {
    pub fn user(text: String) -> Self {
        Message { id: None, role: Role::User, time: 0, content: vec![Content::Text { text, for_user: true }] }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation(Vec<Message>);

impl Conversation {
    pub fn new(messages: Vec<Message>) -> Self {
        Conversation(messages)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Message> {
        self.0.iter()
    }
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: Cow<'static, str>,
    pub title: Option<String>,
    pub about: Option<Cow<'static, str>>,
    pub input: Arc<Map<String, Value>>,
    pub output: Option<Arc<Map<String, Value>>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSettings {
    pub model: String,
    pub window: Option<usize>,
    pub temperature: Option<f32>,
    pub max_tokens: Option<i32>,
    pub emulate_tools: bool,
    pub fast: Option<Box<ModelSettings>>,
    pub parameters: Option<HashMap<String, Value>>,
}

impl ModelSettings {
    pub fn fast(&self) -> ModelSettings {
        self.fast.as_deref().unwrap_or(self).clone()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    pub name: String,
    pub window: usize,
    pub input_price: Option<f64>,
    pub output_price: Option<f64>,
    pub currency: Option<String>,
    pub caches: Option<bool>,
    pub thinks: Option<bool>,
}

impl ModelInfo {
    pub fn new(name: impl Into<String>, window: usize) -> Self {
        ModelInfo {
            name: name.into(),
            window,
            input_price: None,
            output_price: None,
            currency: None,
            caches: None,
            thinks: None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Tokens {
    pub input: Option<i32>,
    pub output: Option<i32>,
    pub total: Option<i32>,
    pub read_from_cache: Option<i32>,
    pub written_to_cache: Option<i32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Usage {
    pub model: String,
    pub tokens: Tokens,
}

#[derive(Debug, Clone)]
pub struct RetrySettings {
    pub(crate) times: usize,
    pub(crate) first: u64,
    pub(crate) factor: f64,
    pub(crate) longest: u64,
}

impl Default for RetrySettings {
    fn default() -> Self {
        RetrySettings { times: 3, first: 1000, factor: 2.0, longest: 30_000 }
    }
}

impl RetrySettings {
    pub fn delay(&self, attempt: usize) -> Option<Duration> {
        let delay = self.first as f64 * self.factor.powi(attempt as i32);
        (attempt < self.times).then(|| Duration::from_millis((delay as u64).min(self.longest)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    Free,
    Ask,
    AskIfRisky,
    Chat,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Permission {
    Always,
    Once,
    Cancel,
    Never,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Principal {
    Extension,
    Tool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confirmation {
    pub principal: Principal,
    pub permission: Permission,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Routing {
    Ask,
    None,
}

/// Parts of messages, as they come in.
pub type MessageStream = Pin<Box<dyn Stream<Item = Result<(Option<Message>, Option<Usage>), OracleError>> + Send>>;

/// Puts the parts of a message together.
pub async fn collect(mut stream: MessageStream) -> Result<(Message, Usage), OracleError> {
    let mut whole: Option<Message> = None;
    let mut used: Option<Usage> = None;
    while let Some(part) = stream.next().await {
        let (message, usage) = part?;
        if let Some(message) = message {
            match &mut whole {
                Some(whole) => whole.content.extend(message.content),
                None => whole = Some(message),
            }
        }
        used = usage.or(used);
    }
    let whole = whole.ok_or_else(|| OracleError::Run("no message".to_string()))?;
    Ok((whole, used.unwrap_or_else(|| Usage { model: "unknown".to_string(), tokens: Tokens::default() })))
}

/// A service with language models.
#[async_trait]
pub trait Oracle: Send + Sync {
    /// Returns the name.
    fn name(&self) -> &str;

    /// Answers in parts.
    async fn stream(
        &self,
        settings: &ModelSettings,
        session: &str,
        system: &str,
        messages: &[Message],
        tools: &[Tool],
    ) -> Result<MessageStream, OracleError>;

    /// Answers.
    #[tracing::instrument(
        skip(self, settings, session, system, messages, tools),
        fields(session.id = %session, request.model = %settings.model)
    )]
    async fn answer(
        &self,
        settings: &ModelSettings,
        session: &str,
        system: &str,
        messages: &[Message],
        tools: &[Tool],
    ) -> Result<(Message, Usage), OracleError> {
        let stream = self.stream(settings, session, system, messages, tools).await?;
        collect(stream).await
    }

    /// Answers with a fast model if it can.
    async fn answer_fast(
        &self,
        session: &str,
        system: &str,
        messages: &[Message],
        tools: &[Tool],
    ) -> Result<(Message, Usage), OracleError> {
        let settings = self.settings();
        let fast = settings.fast();
        match self.answer(&fast, session, system, messages, tools).await {
            Err(_) if fast.model != settings.model => {
                tracing::warn!("the model {} has failed", fast.model);
                self.answer(&settings, session, system, messages, tools).await
            }
            result => result,
        }
    }

    /// Returns the settings.
    fn settings(&self) -> ModelSettings;

    /// Returns how calls are repeated.
    fn retry(&self) -> RetrySettings {
        RetrySettings::default()
    }

    /// Returns the names of all models.
    async fn models(&self) -> Result<Vec<String>, OracleError> {
        Ok(vec![])
    }

    /// Describes all models.
    async fn model_infos(&self) -> Result<Vec<ModelInfo>, OracleError> {
        Ok(self.models().await?.iter().map(|model| ModelInfo::new(model, 128_000)).collect())
    }

    /// Describes a model.
    async fn model_info(&self, model: &str) -> Result<ModelInfo, OracleError> {
        Ok(ModelInfo::new(model, 128_000))
    }

    /// Says whether models without a common name are listed.
    fn lists_all(&self) -> bool {
        false
    }

    /// Returns the names of good models.
    async fn good_models(&self) -> Result<Vec<String>, OracleError> {
        let mut models = self.models().await?;
        if !self.lists_all() {
            models.sort();
        }
        Ok(models)
    }

    /// Describes good models.
    async fn good_model_infos(&self) -> Result<Vec<ModelInfo>, OracleError> {
        Ok(self.good_models().await?.iter().map(|model| ModelInfo::new(model, 128_000)).collect())
    }

    /// Returns the common name of a model.
    async fn common_name(&self, model: &str) -> Result<Option<String>, OracleError> {
        Ok(Some(format!("{}/{model}", self.name())))
    }

    /// Says whether there are embeddings.
    fn embeds(&self) -> bool {
        false
    }

    /// Says whether the service remembers conversations.
    fn remembers(&self) -> bool {
        false
    }

    /// Says whether the service has a cache that can be controlled.
    async fn caches(&self) -> bool {
        false
    }

    /// Makes embeddings.
    async fn embed(&self, _session: &str, _texts: Vec<String>) -> Result<Vec<Vec<f32>>, OracleError> {
        Err(OracleError::Run("no embeddings".to_string()))
    }

    /// Returns the first texts of the user.
    fn first_texts(&self, conversation: &Conversation) -> Vec<String> {
        let of_user = conversation.iter().filter(|message| message.role == Role::User).take(3);
        of_user.map(|message| message.content.iter().filter_map(Content::as_text).collect()).collect()
    }

    /// Returns what only the model sees.
    fn hidden_text(&self, conversation: &Conversation) -> String {
        let first = conversation.iter().find(|message| message.role == Role::User);
        let hidden = |content: &&Content| matches!(content, Content::Text { for_user: false, .. });
        first
            .into_iter()
            .flat_map(|message| message.content.iter())
            .filter(hidden)
            .filter_map(Content::as_text)
            .collect()
    }

    /// Names a session.
    async fn name_session(&self, session: &str, conversation: &Conversation) -> Result<String, OracleError> {
        let text = format!("{}\n{}", self.hidden_text(conversation), self.first_texts(conversation).join("\n"));
        let (answer, _) = self.answer_fast(session, "Name this.", &[Message::user(text)], &[]).await?;
        Ok(answer.content.iter().filter_map(Content::as_text).collect())
    }

    /// Asks the user to log in.
    async fn log_in(&self) -> Result<(), OracleError> {
        Err(OracleError::Run("no login".to_string()))
    }

    /// Makes credentials valid again.
    async fn refresh(&self) -> Result<(), OracleError> {
        Err(OracleError::NotImplemented("no credentials".to_string()))
    }

    /// Changes the mode of a session.
    async fn set_mode(&self, _session: &str, _mode: Mode) -> Result<(), OracleError> {
        Ok(())
    }

    /// Returns who asks for permissions.
    fn routing(&self) -> Routing {
        Routing::None
    }

    /// Passes on what the user has permitted.
    async fn confirm(&self, _request: &str, _confirmation: &Confirmation) -> bool {
        false
    }
}
