//! What tells this process from every other one: its ID, and the time of its start.

use super::super::port::started;

/// The facts that tell a process from every other one. They are written down for other processes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    /// The time of its start, as the system counts it.
    started: u64,
}

impl Process {
    /// This process; `None` if the system does not say.
    pub(crate) fn this() -> Option<Self> {
        let id = std::process::id();
        Some(Self { id, started: started(id)?? })
    }

    /// The process as text, for [`from_text`](Self::from_text).
    pub(crate) fn to_text(&self) -> String {
        format!("{}\n{}\n", self.id, self.started)
    }

    /// Reads the text of [`to_text`](Self::to_text).
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.lines();
        let mut line = || lines.next();
        Some(Self { id: line()?.parse().ok()?, started: line()?.parse().ok()? })
    }

    /// Whether the process has ended; `None` if nothing shows it.
    pub(crate) fn has_ended(&self) -> Option<bool> {
        Some(started(self.id)? != Some(self.started))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_ended_if_its_id_or_its_start_is_anothers() {
        let this = Process::this().unwrap();
        assert_eq!(Process::from_text(&this.to_text()), Some(this.clone()));
        assert_eq!(this.has_ended(), Some(false));
        assert_eq!(
            Process { started: this.started + 1, ..this.clone() }.has_ended(),
            Some(true),
            "the ID was given away"
        );
        assert_eq!(Process { id: u32::MAX - 3, ..this }.has_ended(), Some(true));
    }

    #[test]
    fn damaged_text_is_no_process() {
        let text = Process::this().unwrap().to_text();
        for end in 0..text.len() {
            assert_eq!(Process::from_text(&text[..end]), None, "{end}");
        }
    }
}
