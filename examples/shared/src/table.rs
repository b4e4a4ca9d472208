//! The table of loaded and refused libraries.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, presets};
use plugbox_loader::inspect::{self, Exported, Manifest};
use plugbox_loader::{LoadError, Loaded, Reason};

/// A table with a row for each plugin, and for each library without known plugins.
pub struct Table(comfy_table::Table);

impl Table {
    /// Adds the plugins of a loaded library.
    pub fn add_loaded<I: ?Sized>(&mut self, plugins: &[Loaded<I>]) {
        for plugin in plugins {
            let info = Loaded::info(plugin);
            self.add(Row {
                plugin: info.name.clone(),
                version: info.version.to_string(),
                interface: info.interface.to_string(),
                rustc: info.rustc.clone(),
                size: size(info.size),
                load_time: milliseconds(info.load_time),
                verdict: "loaded".to_owned(),
            });
        }
    }

    /// Adds a library that was not loaded. The row shows the verdict and the facts from the file's records.
    pub fn add_refused(&mut self, error: &LoadError) {
        let Some(path) = error.path() else { return };
        let codes: Vec<String> = error.reasons().iter().map(|Reason { code, .. }| code.to_string()).collect();
        let verdict = if codes.is_empty() { "failed".to_owned() } else { format!("refused: {}", codes.join(", ")) };
        let Ok(image) = inspect::image(path) else {
            return self.add(Row { verdict, ..Row::of_file(path) });
        };
        let manifest = image.manifest.unwrap_or_default();
        let rustc = rustc(&manifest);
        let size = size(image.size);
        if manifest.plugins.is_empty() {
            self.add(Row { rustc: rustc.clone(), size: size.clone(), verdict: verdict.clone(), ..Row::of_file(path) });
        }
        for plugin in manifest.plugins {
            let interfaces = plugin.interfaces.iter().map(|Exported { name, version, .. }| format!("{name} {version}"));
            self.add(Row {
                interface: interfaces.collect::<Vec<_>>().join(", "),
                plugin: plugin.name.clone(),
                version: plugin.version.to_string(),
                rustc: rustc.clone(),
                size: size.clone(),
                verdict: verdict.clone(),
                ..Row::default()
            });
        }
    }

    /// Adds a library that was passed over for another build of the same plugins.
    pub fn add_passed_over(&mut self, path: &Path) {
        self.add(Row { verdict: "passed over for another build".to_owned(), ..Row::of_file(path) });
    }

    /// Adds a row.
    pub fn add(&mut self, row: Row) {
        let Row { plugin, version, interface, rustc, size, load_time, verdict } = row;
        let rustc = rustc.strip_prefix("rustc ").unwrap_or(&rustc);
        self.0.add_row([&plugin, &version, &interface, rustc, &size, &load_time, &verdict]);
    }
}

impl Default for Table {
    /// A table without rows.
    fn default() -> Self {
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(["plugin", "version", "interface", "rustc", "size", "load time", "verdict"]);
        for column in [4, 5] {
            let column = table.column_mut(column).expect("there are seven columns");
            column.set_cell_alignment(CellAlignment::Right);
        }
        Self(table)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.lines().map(|line| line.trim_end().to_owned()).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// The cells for a plugin or a library; `-` for an unknown value.
pub struct Row {
    /// The plugin's name, or the file's.
    pub plugin: String,
    /// The plugin's version.
    pub version: String,
    /// The interface that it implements.
    pub interface: String,
    /// The compiler that built it.
    pub rustc: String,
    /// The library's [`size()`].
    pub size: String,
    /// The load time, in [`milliseconds()`].
    pub load_time: String,
    /// Whether it was loaded, or why not.
    pub verdict: String,
}

impl Default for Row {
    fn default() -> Self {
        let unknown = || "-".to_owned();
        Self {
            plugin: unknown(),
            version: unknown(),
            interface: unknown(),
            rustc: unknown(),
            size: unknown(),
            load_time: unknown(),
            verdict: unknown(),
        }
    }
}

impl Row {
    /// The row of a file about which only the name is known.
    #[must_use]
    pub fn of_file(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self { plugin: name.to_string_lossy().into_owned(), ..Self::default() }
    }

    /// The row of a library without plugins.
    #[must_use]
    pub fn of_foreign(path: &Path) -> Self {
        Self { verdict: "no plugin".to_owned(), ..Self::of_file(path) }
    }
}

fn rustc(manifest: &Manifest) -> String {
    manifest.builds.first().map_or_else(|| "-".to_owned(), |build| build.rustc.clone())
}

/// A time in milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// A size in units of 1024.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        format!("{:.1} KiB", bytes as f64 / 1024.0)
    } else {
        format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_1024() {
        assert_eq!([512, 2048, 5 * 1024 * 1024].map(size), ["0.5 KiB", "2.0 KiB", "5.0 MiB"]);
    }
}
