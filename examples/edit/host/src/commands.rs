//! The commands that plugins offer.

use comfy_table::{Table, presets};
use edit_api::Command;

use crate::arguments::CommandName;
use crate::crew::Crew;
use examples_shared::message;

/// Prints all commands on standard output.
pub(crate) fn list(crew: &mut Crew) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for (plugin, Command { name, title, description }) in all(crew) {
        table.add_row([format!("{plugin}:{name}"), title, description]);
    }
    let lines: Vec<String> = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    crate::print(&lines.concat())
}

/// Checks that a command exists.
///
/// # Errors
///
/// It does not exist. The message lists the commands that do.
pub(crate) fn find(crew: &mut Crew, name: &CommandName) -> anyhow::Result<()> {
    let all: Vec<String> = all(crew).map(|(plugin, command)| format!("{plugin}:{}", command.name)).collect();
    if all.contains(&name.to_string()) {
        return Ok(());
    }
    match all.as_slice() {
        [] => anyhow::bail!("there is no command `{name}`: no loaded plugin offers commands"),
        all => anyhow::bail!("there is no command `{name}`; the commands are {}", all.join(", ")),
    }
}

fn all(crew: &mut Crew) -> impl Iterator<Item = (String, Command)> {
    crew.members().iter_mut().flat_map(|member| {
        let name = member.name().to_owned();
        let commands = member.call(|plugin| plugin.commands()).unwrap_or_else(|panic| {
            message::warning(panic);
            None
        });
        commands.unwrap_or_default().into_iter().map(move |command| (name.clone(), command))
    })
}
