//! An open document and the plugins that edit it.

use edit_api::{Buffer, Document, Edit, Failure, Plugin};

use crate::arguments::CommandName;
use crate::crew::Crew;
use crate::progress::Progress;
use crate::trouble::Trouble;

/// How often plugins may answer each other's edits.
const ROUNDS: usize = 8;

/// An open document. The session checks the edits of plugins, applies them, and announces them to all plugins.
pub(crate) struct Session<'a> {
    crew: &'a mut Crew,
    buffer: Buffer,
    progress: &'a Progress,
    troubles: Vec<Trouble>,
}

impl<'a> Session<'a> {
    /// Opens a document.
    pub(crate) fn open(crew: &'a mut Crew, buffer: Buffer, progress: &'a Progress) -> Self {
        let mut session = Self { crew, buffer, progress, troubles: Vec::new() };
        session.ask(|plugin, document| plugin.opened(document));
        session
    }

    /// Runs a command.
    pub(crate) fn run(&mut self, name: &CommandName) {
        if let Some(index) = self.crew.members().iter().position(|member| member.name() == name.plugin) {
            let answer = self.call(index, |plugin, document| plugin.run(&name.command, document));
            self.take(index, answer, format!("in `{name}`"));
        }
    }

    /// Asks each plugin in turn for its last edits. Each plugin sees the edits of the previous ones.
    pub(crate) fn before_save(&mut self) {
        for index in 0..self.crew.members().len() {
            let answer = self.call(index, |plugin, document| plugin.before_save(document));
            self.take(index, answer, "before saving".to_owned());
        }
    }

    /// The status texts of the plugins, with their names.
    pub(crate) fn statuses(&mut self) -> Vec<(String, String)> {
        let statuses = self.ask(|plugin, _| plugin.status());
        statuses.into_iter().filter_map(|(index, status)| Some((self.name(index), status?))).collect()
    }

    pub(crate) fn document(&self) -> &dyn Document {
        &self.buffer
    }

    /// Closes the document. Returns the troubles that plugins had while it was open.
    pub(crate) fn close(mut self) -> Vec<Trouble> {
        self.ask(|plugin, document| plugin.closed(document));
        self.troubles
    }

    /// Applies the edits of one plugin, and announces them.
    fn take(&mut self, index: usize, answer: Option<Result<Vec<Edit>, Failure>>, occasion: String) {
        let plugin = self.name(index);
        match answer.map(|answer| answer.map(|edits| self.buffer.apply(&edits))) {
            Some(Ok(Ok(applied))) => self.announce(applied),
            Some(Ok(Err(bad))) => self.troubles.push(Trouble::BadEdits { plugin, occasion, bad }),
            Some(Err(failure)) => self.troubles.push(Trouble::failed(plugin, occasion, failure, &self.buffer)),
            None => {}
        }
    }

    /// Announces edits to all plugins, applies their answers, and announces these in turn. After some rounds it ignores
    /// further answers, so that this ends.
    fn announce(&mut self, mut edits: Vec<Edit>) {
        for round in 0..=ROUNDS {
            if edits.is_empty() {
                return;
            }
            let answers = self.ask(|plugin, document| plugin.edited(&edits, document));
            let answers = answers.into_iter().filter(|(_, answer)| !answer.is_empty());
            if round == ROUNDS {
                for (index, _) in answers {
                    let plugin = self.name(index);
                    self.troubles.push(Trouble::Endless { plugin, rounds: ROUNDS });
                }
                return;
            }
            edits = self.merge(answers);
        }
    }

    /// Applies the answers of several plugins to the same text. Ignores an answer that does not fit the previous ones.
    fn merge(&mut self, answers: impl Iterator<Item = (usize, Vec<Edit>)>) -> Vec<Edit> {
        let mut merged: Vec<Edit> = Vec::new();
        for (index, answer) in answers {
            let before = merged.len();
            merged.extend(answer);
            if let Err(bad) = self.buffer.check(&merged) {
                merged.truncate(before);
                let (plugin, occasion) = (self.name(index), "in answer to other edits".to_owned());
                self.troubles.push(Trouble::BadEdits { plugin, occasion, bad });
            }
        }
        self.buffer.apply(&merged).expect("checked edits can be applied")
    }

    fn name(&mut self, index: usize) -> String {
        self.crew.members()[index].name().to_owned()
    }

    /// Calls all plugins; returns what those that did not panic said.
    fn ask<T>(&mut self, act: impl Fn(&mut dyn Plugin, &dyn Document) -> T) -> Vec<(usize, T)> {
        let indices = 0..self.crew.members().len();
        indices.filter_map(|index| Some((index, self.call(index, &act)?))).collect()
    }

    /// Calls one plugin. Returns `None` if it panics or has panicked before.
    fn call<T>(&mut self, index: usize, act: impl FnOnce(&mut dyn Plugin, &dyn Document) -> T) -> Option<T> {
        let member = &mut self.crew.members()[index];
        self.progress.plugin(member.name());
        let answer = member.call(|plugin| act(plugin, &self.buffer));
        answer.unwrap_or_else(|panic| {
            self.troubles.push(Trouble::Panicked(panic));
            None
        })
    }
}
