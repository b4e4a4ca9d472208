//! A document while it is open, between its plugins.

use edit_api::{Buffer, Document, Edit, Failure, Plugin};

use crate::arguments::CommandName;
use crate::crew::Crew;
use crate::trouble::Trouble;

/// How often plugins may answer answers.
const ROUNDS: usize = 8;

/// A document while it is open: what plugins want edited is checked, applied and announced to all of them.
pub(crate) struct Session<'a> {
    crew: &'a mut Crew,
    buffer: Buffer,
    troubles: Vec<Trouble>,
}

impl<'a> Session<'a> {
    /// Opens a document.
    pub(crate) fn open(crew: &'a mut Crew, buffer: Buffer) -> Self {
        let mut session = Self { crew, buffer, troubles: Vec::new() };
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

    /// Asks each plugin in turn for its last edits; each sees those of the ones before.
    pub(crate) fn before_save(&mut self) {
        for index in 0..self.crew.members().len() {
            let answer = self.call(index, |plugin, document| plugin.before_save(document));
            self.take(index, answer, "before saving".to_owned());
        }
    }

    /// What plugins want to be shown, with their names.
    pub(crate) fn statuses(&mut self) -> Vec<(String, String)> {
        let statuses = self.ask(|plugin, _| plugin.status());
        statuses.into_iter().filter_map(|(index, status)| Some((self.name(index), status?))).collect()
    }

    pub(crate) fn document(&self) -> &dyn Document {
        &self.buffer
    }

    /// Closes the document; returns what went wrong while it was open.
    pub(crate) fn close(mut self) -> Vec<Trouble> {
        self.ask(|plugin, document| plugin.closed(document));
        self.troubles
    }

    /// Takes an answer of one plugin: applies its edits and announces them.
    fn take(&mut self, index: usize, answer: Option<Result<Vec<Edit>, Failure>>, occasion: String) {
        let plugin = self.name(index);
        match answer.map(|answer| answer.map(|edits| self.buffer.apply(&edits))) {
            Some(Ok(Ok(applied))) => self.announce(applied),
            Some(Ok(Err(bad))) => self.troubles.push(Trouble::BadEdits { plugin, occasion, bad }),
            Some(Err(failure)) => self.troubles.push(Trouble::failed(plugin, occasion, failure, &self.buffer)),
            None => {}
        }
    }

    /// Announces edits to all plugins and applies their answers, which are announced in turn. After some rounds the
    /// answers are left out, so that this ends.
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

    /// Applies what several plugins answered to the same text; an answer that does not fit those before is left out.
    fn merge(&mut self, answers: impl Iterator<Item = (usize, Vec<Edit>)>) -> Vec<Edit> {
        let mut merged: Vec<Edit> = Vec::new();
        for (index, answer) in answers {
            let before = merged.len();
            merged.extend(answer);
            if let Err(bad) = self.buffer.check(&merged) {
                merged.truncate(before);
                let (plugin, occasion) = (self.name(index), "in answer to others".to_owned());
                self.troubles.push(Trouble::BadEdits { plugin, occasion, bad });
            }
        }
        self.buffer.apply(&merged).expect("what was checked can be applied")
    }

    fn name(&mut self, index: usize) -> String {
        self.crew.members()[index].name().to_owned()
    }

    /// Calls all plugins; returns what those that did not panic said.
    fn ask<T>(&mut self, act: impl Fn(&mut dyn Plugin, &dyn Document) -> T) -> Vec<(usize, T)> {
        let indices = 0..self.crew.members().len();
        indices.filter_map(|index| Some((index, self.call(index, &act)?))).collect()
    }

    /// Calls one plugin; nothing where it panics or has panicked before.
    fn call<T>(&mut self, index: usize, act: impl FnOnce(&mut dyn Plugin, &dyn Document) -> T) -> Option<T> {
        let answer = self.crew.members()[index].call(|plugin| act(plugin, &self.buffer));
        answer.unwrap_or_else(|panic| {
            self.troubles.push(Trouble::Panicked(panic));
            None
        })
    }
}
