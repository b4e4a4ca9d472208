use api::serde_json::{json, Value};
use api::{Addon, AnalyzerId, ChatCommand, ChatOutput, ChatSection, Folder, Program, Result, SessionKind, Span};

/// Support for a language.
pub struct Toml {
    started: u32,
}

impl Default for Toml {
    fn default() -> Self {
        Addon::new()
    }
}

impl Addon for Toml {
    fn new() -> Self {
        Toml { started: 0 }
    }

    fn analyzer(&mut self, analyzer: &AnalyzerId, _folder: &Folder) -> Result<Program> {
        self.started += 1;
        Ok(Program { path: analyzer.to_string(), arguments: vec!["--stdio".to_string()], variables: vec![] })
    }

    fn analyzer_start(&mut self, analyzer: &AnalyzerId, _folder: &Folder) -> Result<Option<Value>> {
        Ok(Some(json!({ "name": analyzer.as_ref(), "started": self.started })))
    }

    fn run(&self, command: ChatCommand, arguments: Vec<String>, folder: Option<&Folder>) -> Result<ChatOutput> {
        folder.ok_or("no folder is open")?;
        let span = Span { start: 0, end: 1 };
        Ok(ChatOutput { text: arguments.join(" "), sections: vec![ChatSection { span, label: command.name }] })
    }

    fn session_kind(&mut self, debugger: String, settings: Value) -> Result<SessionKind> {
        match settings["process"].as_u64() {
            Some(_) => Ok(SessionKind::Join),
            None => Err(format!("{debugger} needs a process: {settings}")),
        }
    }
}

plugbox::export!(Toml as dyn Addon);
