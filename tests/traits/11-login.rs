//! Directories of the users of a machine. The plugin trait is `Directory`.

use std::collections::BTreeMap;
use std::time::SystemTime;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use uuid::Uuid;

pub type ExtraKey = String;

/// A chip, or code in its place, that keeps keys.
pub trait Chip {
    fn seal(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError>;

    fn unseal(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipError {
    NoChip,
    Refused,
}

/// Any chip.
pub struct BoxedChip(Box<dyn Chip + Send + 'static>);

impl BoxedChip {
    pub fn new<C: Chip + Send + 'static>(chip: C) -> Self {
        BoxedChip(Box::new(chip))
    }
}

impl Chip for BoxedChip {
    fn seal(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.0.seal(bytes)
    }

    fn unseal(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.0.unseal(bytes)
    }
}

#[derive(Debug)]
pub enum DirectoryError {
    Unreachable,
    NotAuthorized,
    BadRequest,
    NotFound,
    KeyStore,
    Chip,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    Name(String),
    Number(u32),
}

#[derive(Debug, Serialize, Deserialize, Clone, Default, Eq, PartialEq, Hash)]
pub enum Origin {
    #[default]
    Unknown,
    System,
    Remote,
}

#[derive(Debug, Serialize, Deserialize, Clone)]
pub struct Group {
    #[serde(default)]
    pub origin: Origin,
    pub name: String,
    pub principal: String,
    pub uuid: Uuid,
    pub number: u32,
    #[serde(flatten)]
    pub extra: BTreeMap<ExtraKey, Value>,
}

#[derive(Debug, Serialize, Deserialize, Clone)]
pub struct User {
    #[serde(default)]
    pub origin: Origin,
    pub name: String,
    pub principal: String,
    pub uuid: Uuid,
    pub number: u32,
    pub shown_name: String,
    pub shell: Option<String>,
    pub groups: Vec<Group>,
    pub keys: Vec<String>,
    pub valid: bool,
    #[serde(flatten)]
    pub extra: BTreeMap<ExtraKey, Value>,
}

pub enum UserState {
    Cached,
    NotFound,
    New(User),
}

pub enum GroupState {
    Cached,
    NotFound,
    New(Group),
}

#[derive(Debug, Serialize, Deserialize, Clone)]
pub struct DeviceGrant {
    pub device_code: String,
    pub user_code: String,
    pub address: String,
    pub full_address: Option<String>,
    pub expires_in: u32,
    pub interval: Option<u32>,
    pub message: Option<String>,
}

/// What the user has entered.
#[derive(Debug, Serialize, Deserialize)]
pub enum Entered {
    Password { password: String },
    Grant { grant: DeviceGrant },
    Code { code: String },
    Poll,
    NewPin { pin: String },
    Pin { pin: String },
}

/// What a directory remembers between two steps.
#[derive(Debug)]
pub enum Progress {
    Password,
    Grant,
    SecondFactor { data: Vec<String> },
    NewPin,
    Pin,
}

/// What the user is asked for.
pub enum Question {
    Password,
    Grant { grant: DeviceGrant },
    Code { message: String },
    Poll { message: String, interval: u32 },
    Wait,
    NewPin { message: String },
    Pin,
}

pub enum Verdict {
    Accepted { user: User },
    Denied,
    Next(Question),
}

/// A directory.
#[async_trait]
#[allow(clippy::too_many_arguments)]
pub trait Directory {
    /// Returns what this directory is.
    fn origin(&self) -> Origin;

    /// Tries to connect now.
    async fn connect(&self, _chip: &mut BoxedChip, _now: SystemTime) -> bool;

    /// Tries to connect at the next request.
    async fn connect_later(&self, _now: SystemTime);

    /// Stays offline.
    async fn disconnect(&self);

    /// Returns the remote group that extends a local one.
    fn extension(&self, local: &str) -> Option<&Id>;

    /// Searches a user.
    async fn user(
        &self,
        _id: &Id,
        _cached: Option<&User>,
        _chip: &mut BoxedChip,
        _now: SystemTime,
    ) -> Result<UserState, DirectoryError>;

    /// Starts to authenticate a user.
    async fn start(
        &self,
        _account: &str,
        _user: &User,
        _chip: &mut BoxedChip,
        _stop: &broadcast::Receiver<()>,
    ) -> Result<(Question, Progress), DirectoryError>;

    /// Continues to authenticate a user.
    async fn step(
        &self,
        _account: &str,
        _progress: &mut Progress,
        _entered: Entered,
        _chip: &mut BoxedChip,
        _stop: &broadcast::Receiver<()>,
    ) -> Result<Verdict, DirectoryError>;

    /// Starts to authenticate a user that nobody knows.
    async fn start_unknown(
        &self,
        _account: &str,
        _chip: &mut BoxedChip,
        _stop: &broadcast::Receiver<()>,
    ) -> Result<Option<(Question, Progress)>, DirectoryError>;

    /// Starts to authenticate a user while offline.
    async fn start_offline(&self, _user: &User) -> Result<(Question, Progress), DirectoryError>;

    /// Continues to authenticate a user while offline.
    async fn step_offline(
        &self,
        _user: &User,
        _progress: &mut Progress,
        _entered: Entered,
        _chip: &mut BoxedChip,
    ) -> Result<Verdict, DirectoryError>;

    /// Says whether a user may log in.
    async fn authorize(&self, _user: &User) -> Result<Option<bool>, DirectoryError>;

    /// Searches a group.
    async fn group(&self, id: &Id, _chip: &mut BoxedChip, _now: SystemTime) -> Result<GroupState, DirectoryError>;
}
