//! Extensions of a code editor. The plugin trait is `Addon`.

use std::fmt;
use std::sync::atomic::AtomicU32;

pub use serde_json;

/// Results of this crate have text as their error.
pub type Result<T, E = String> = core::result::Result<T, E>;

pub type Variables = Vec<(String, String)>;

/// The name of a language's server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Clone)]
pub struct AnalyzerId(String);

impl AsRef<str> for AnalyzerId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AnalyzerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The name of a server of knowledge.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Clone)]
pub struct LibrarianId(String);

impl AsRef<str> for LibrarianId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LibrarianId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A folder that is open; the editor owns it.
#[derive(Debug)]
pub struct Folder {
    handle: AtomicU32,
}

/// A project that is open; the editor owns it.
#[derive(Debug)]
pub struct Workspace {
    handle: AtomicU32,
}

/// A table of text; the editor owns it.
#[derive(Debug)]
pub struct Shelf {
    handle: AtomicU32,
}

impl Folder {
    pub fn new(handle: u32) -> Self {
        Folder { handle: AtomicU32::new(handle) }
    }
}

impl Workspace {
    pub fn new(handle: u32) -> Self {
        Workspace { handle: AtomicU32::new(handle) }
    }
}

impl Shelf {
    pub fn new(handle: u32) -> Self {
        Shelf { handle: AtomicU32::new(handle) }
    }
}

#[derive(Debug, Clone)]
pub struct Program {
    pub path: String,
    pub arguments: Vec<String>,
    pub variables: Variables,
}

#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

#[derive(Debug, Clone)]
pub struct Proposal {
    pub text: String,
    pub more: Option<ProposalMore>,
    pub note: Option<String>,
    pub kind: Option<ProposalKind>,
    pub format: Option<InsertFormat>,
}

#[derive(Debug, Clone)]
pub struct ProposalMore {
    pub note: Option<String>,
    pub origin: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub enum ProposalKind {
    Function,
    Variable,
    Other(i32),
}

#[derive(Debug, Clone, Copy)]
pub enum InsertFormat {
    Plain,
    Template,
    Other(i32),
}

#[derive(Debug, Clone)]
pub struct Named {
    pub kind: NamedKind,
    pub name: String,
}

#[derive(Debug, Clone, Copy)]
pub enum NamedKind {
    Module,
    Type,
    Other(i32),
}

#[derive(Debug, Clone)]
pub struct Caption {
    pub code: String,
    pub pieces: Vec<Piece>,
    pub matched: Span,
}

#[derive(Debug, Clone)]
pub enum Piece {
    Code(Span),
    Text(PlainPiece),
}

#[derive(Debug, Clone)]
pub struct PlainPiece {
    pub text: String,
    pub style: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ChatCommand {
    pub name: String,
    pub about: String,
    pub hint: String,
    pub needs_argument: bool,
}

#[derive(Debug, Clone)]
pub struct ArgumentProposal {
    pub label: String,
    pub text: String,
    pub run: bool,
}

#[derive(Debug, Clone)]
pub struct ChatOutput {
    pub text: String,
    pub sections: Vec<ChatSection>,
}

#[derive(Debug, Clone)]
pub struct ChatSection {
    pub span: Span,
    pub label: String,
}

#[derive(Debug, Clone)]
pub struct LibrarianSetup {
    pub instructions: String,
    pub schema: String,
    pub defaults: String,
}

#[derive(Debug, Clone)]
pub struct AddressWish {
    pub port: Option<u16>,
    pub host: Option<u32>,
    pub patience: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Address {
    pub port: u16,
    pub host: u32,
    pub patience: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct DebugTask {
    pub label: String,
    pub debugger: String,
    pub settings: String,
    pub address: Option<AddressWish>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    Start,
    Join,
}

#[derive(Debug, Clone)]
pub struct SessionArguments {
    pub settings: String,
    pub kind: SessionKind,
}

#[derive(Debug, Clone)]
pub struct Debugger {
    pub path: Option<String>,
    pub arguments: Vec<String>,
    pub variables: Variables,
    pub folder: Option<String>,
    pub address: Option<Address>,
    pub session: SessionArguments,
}

#[derive(Debug, Clone)]
pub struct Launch {
    pub program: String,
    pub folder: Option<String>,
    pub arguments: Vec<String>,
    pub variables: Variables,
}

#[derive(Debug, Clone)]
pub struct Join {
    pub process: Option<u32>,
}

#[derive(Debug, Clone)]
pub enum Session {
    Start(Launch),
    Join(Join),
}

#[derive(Debug, Clone)]
pub struct DebugWish {
    pub label: String,
    pub debugger: String,
    pub session: Session,
    pub stop_first: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct BuildTask {
    pub label: String,
    pub program: String,
    pub arguments: Vec<String>,
    pub variables: Variables,
    pub folder: Option<String>,
}

#[derive(Debug, Clone)]
pub struct BuildPayload {
    pub finder: Option<String>,
    pub task: BuildTask,
}

#[derive(Debug, Clone)]
pub enum Build {
    Known(String),
    Described(BuildPayload),
}

#[derive(Debug, Clone)]
pub struct Scenario {
    pub label: String,
    pub debugger: String,
    pub build: Option<Build>,
    pub settings: String,
    pub address: Option<AddressWish>,
}

/// An extension of the editor.
pub trait Addon: Send + Sync {
    /// Makes the extension.
    fn new() -> Self
    where
        Self: Sized;

    /// Returns the program that analyzes a language.
    fn analyzer(&mut self, _analyzer: &AnalyzerId, _folder: &Folder) -> Result<Program> {
        Err("no analyzer".to_string())
    }

    /// Returns what the analyzer is started with.
    fn analyzer_start(&mut self, _analyzer: &AnalyzerId, _folder: &Folder) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    /// Returns the analyzer's settings for a folder.
    fn analyzer_settings(&mut self, _analyzer: &AnalyzerId, _folder: &Folder) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    /// Returns what a different analyzer is started with.
    fn neighbor_start(
        &mut self,
        _analyzer: &AnalyzerId,
        _neighbor: &AnalyzerId,
        _folder: &Folder,
    ) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    /// Returns a different analyzer's settings for a folder.
    fn neighbor_settings(
        &mut self,
        _analyzer: &AnalyzerId,
        _neighbor: &AnalyzerId,
        _folder: &Folder,
    ) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    /// Returns how a proposal is shown.
    fn caption_of_proposal(&self, _analyzer: &AnalyzerId, _proposal: Proposal) -> Option<Caption> {
        None
    }

    /// Returns how a name is shown.
    fn caption_of_name(&self, _analyzer: &AnalyzerId, _named: Named) -> Option<Caption> {
        None
    }

    /// Proposes arguments of a command.
    fn propose(&self, _command: ChatCommand, _arguments: Vec<String>) -> Result<Vec<ArgumentProposal>, String> {
        Ok(Vec::new())
    }

    /// Runs a command.
    fn run(
        &self,
        _command: ChatCommand,
        _arguments: Vec<String>,
        _folder: Option<&Folder>,
    ) -> Result<ChatOutput, String> {
        Err("no such command".to_string())
    }

    /// Returns the program that serves knowledge.
    fn librarian(&mut self, _librarian: &LibrarianId, _workspace: &Workspace) -> Result<Program> {
        Err("no librarian".to_string())
    }

    /// Returns how the program that serves knowledge is set up.
    fn librarian_setup(&mut self, _librarian: &LibrarianId, _workspace: &Workspace) -> Result<Option<LibrarianSetup>> {
        Ok(None)
    }

    /// Suggests packages whose documents could be indexed.
    fn suggest(&self, _source: String) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }

    /// Indexes the documents of a package.
    fn index(&self, _source: String, _package: String, _shelf: &Shelf) -> Result<(), String> {
        Err("nothing to index".to_string())
    }

    /// Returns a debugger's program.
    fn debugger(
        &mut self,
        _debugger: String,
        _task: DebugTask,
        _chosen_path: Option<String>,
        _folder: &Folder,
    ) -> Result<Debugger, String> {
        Err("no debugger".to_string())
    }

    /// Decides whether a program is started or joined.
    fn session_kind(&mut self, _debugger: String, _settings: serde_json::Value) -> Result<SessionKind, String> {
        Err("no debugger".to_string())
    }

    /// Makes a scenario from what the user has entered.
    fn scenario(&mut self, _wish: DebugWish) -> Result<Scenario, String> {
        Err("no debugger".to_string())
    }

    /// Makes a scenario from a task that builds.
    fn scenario_of_task(
        &mut self,
        _finder: String,
        _task: BuildTask,
        _label: String,
        _debugger: String,
    ) -> Option<Scenario> {
        None
    }

    /// Finds what a task has built.
    fn find(&mut self, _finder: String, _task: BuildTask) -> Result<Session, String> {
        Err("no finder".to_string())
    }
}
