use std::time::SystemTime;

use api::{
    BoxedChip, Chip, Directory, DirectoryError, Entered, GroupState, Id, Origin, Progress, Question, User, UserState,
    Verdict,
};
use async_trait::async_trait;
use tokio::sync::broadcast;

/// A directory with one password.
#[derive(Default)]
pub struct OnePassword {
    extended: Option<Id>,
}

#[async_trait]
impl Directory for OnePassword {
    fn origin(&self) -> Origin {
        Origin::Remote
    }

    async fn connect(&self, chip: &mut BoxedChip, _now: SystemTime) -> bool {
        chip.seal(b"key").is_ok()
    }

    async fn connect_later(&self, _now: SystemTime) {}

    async fn disconnect(&self) {}

    fn extension(&self, _local: &str) -> Option<&Id> {
        self.extended.as_ref()
    }

    async fn user(
        &self,
        _id: &Id,
        cached: Option<&User>,
        _chip: &mut BoxedChip,
        _now: SystemTime,
    ) -> Result<UserState, DirectoryError> {
        Ok(if cached.is_some() { UserState::Cached } else { UserState::NotFound })
    }

    async fn start(
        &self,
        _account: &str,
        _user: &User,
        _chip: &mut BoxedChip,
        _stop: &broadcast::Receiver<()>,
    ) -> Result<(Question, Progress), DirectoryError> {
        Ok((Question::Password, Progress::Password))
    }

    async fn step(
        &self,
        account: &str,
        progress: &mut Progress,
        entered: Entered,
        chip: &mut BoxedChip,
        _stop: &broadcast::Receiver<()>,
    ) -> Result<Verdict, DirectoryError> {
        let sealed = chip.seal(account.as_bytes()).map_err(|_| DirectoryError::Chip)?;
        *progress = Progress::SecondFactor { data: vec![format!("{sealed:?}")] };
        match entered {
            Entered::Password { .. } => Ok(Verdict::Next(Question::Code { message: "the code".to_string() })),
            _ => Ok(Verdict::Denied),
        }
    }

    async fn start_unknown(
        &self,
        _account: &str,
        _chip: &mut BoxedChip,
        stop: &broadcast::Receiver<()>,
    ) -> Result<Option<(Question, Progress)>, DirectoryError> {
        Ok(stop.is_empty().then_some((Question::Wait, Progress::Pin)))
    }

    async fn start_offline(&self, _user: &User) -> Result<(Question, Progress), DirectoryError> {
        Err(DirectoryError::Unreachable)
    }

    async fn step_offline(
        &self,
        _user: &User,
        _progress: &mut Progress,
        _entered: Entered,
        _chip: &mut BoxedChip,
    ) -> Result<Verdict, DirectoryError> {
        Err(DirectoryError::Unreachable)
    }

    async fn authorize(&self, user: &User) -> Result<Option<bool>, DirectoryError> {
        Ok(Some(user.valid && !user.uuid.is_nil()))
    }

    async fn group(&self, _id: &Id, _chip: &mut BoxedChip, _now: SystemTime) -> Result<GroupState, DirectoryError> {
        Ok(GroupState::NotFound)
    }
}

plugbox::export!(OnePassword as dyn Directory);
