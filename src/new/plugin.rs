//! A new plugin for an API that exists.

use std::fs;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::Metadata;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::api::{Api, Needed, is_plugin};
use super::origin::{Origin, folder};
use super::skeleton::{self, Skeleton};
use super::{Problem, cargo, name};
use crate::args::NewPluginArgs;

/// Makes the plugin, and returns what there is to say.
pub(super) fn make(args: &NewPluginArgs) -> Result<String, Problem> {
    let name = name::of(&args.path)?;
    let api = Api::find(args.api.as_deref())?;
    let interfaces = api.choose(&args.interfaces)?;
    let skeleton = skeleton::write(&name, &api.sources(), &interfaces)?;
    let path = place(&args.path);
    // Cargo compares this with the patterns of the workspace's members.
    let real = without_links(&path);
    let workspace = Workspace::around(&real);
    cargo::new("--lib", &real)?;
    let plugin = Plugin { path: real, is_absolute: named_absolutely(args) };
    if let Err(problem) = plugin.write(&api, &skeleton) {
        // Cargo made the folder just now, and may have entered it into the workspace.
        _ = fs::remove_dir_all(&plugin.path);
        workspace.iter().for_each(Workspace::restore);
        return Err(problem);
    }
    let paths: Vec<String> = interfaces.iter().map(|interface| api.path(interface)).collect();
    let mut text = format!("made {}: a plugin that implements {}\n", path.display(), paths.join(" and "));
    for left in &skeleton.left {
        text += &format!("\nit does not compile yet: {left}\n");
    }
    let is_member = cargo::metadata(None, false)
        .is_ok_and(|metadata| metadata.packages.iter().any(|one| one.name.as_str() == name));
    let build =
        if is_member { format!("-p {name}") } else { format!("--manifest-path {}", path.join("Cargo.toml").display()) };
    text += &format!(
        "\nwrite its code in {}, and build it:\n\n  $ cargo build {build}\n",
        path.join("src/lib.rs").display()
    );
    Ok(text)
}

/// Whether the user names the API by an absolute path. Then the plugin does too.
fn named_absolutely(args: &NewPluginArgs) -> bool {
    args.api.as_ref().is_some_and(|api| Path::new(api).is_absolute())
}

/// Where the plugin goes: a name alone is put beside the other plugins of the workspace, if all of them are in one
/// folder.
fn place(path: &Path) -> PathBuf {
    let is_name = path.components().count() == 1 && matches!(path.components().next(), Some(Component::Normal(_)));
    let beside = || {
        let metadata = cargo::metadata(None, false).ok()?;
        let members = metadata.workspace_packages();
        let plugins = members.iter().filter(|package| package.targets.iter().any(is_plugin));
        let mut folders: Vec<PathBuf> =
            plugins.filter_map(|package| folder(package).parent().map(Path::to_owned)).collect();
        folders.sort();
        folders.dedup();
        match &folders[..] {
            // Not the root, where the members lie side by side: there the current folder is as good.
            [folder] if metadata.workspace_root != *folder => Some(relative(&std::env::current_dir().ok()?, folder)),
            _ => None,
        }
    };
    is_name.then(beside).flatten().unwrap_or_default().join(path)
}

/// The path from the root, without links and `..`. Its last folders need not exist.
fn without_links(path: &Path) -> PathBuf {
    let folders = path.ancestors().map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
    let mut real = folders.filter_map(|folder| {
        let rest = path.strip_prefix(folder).unwrap_or(path);
        Some(folder.canonicalize().ok()?.join(rest))
    });
    real.next().unwrap_or_else(|| path.to_owned())
}

/// The manifest of a workspace, as it was.
struct Workspace {
    manifest: PathBuf,
    text: String,
}

impl Workspace {
    /// The workspace that a new folder would be in.
    fn around(path: &Path) -> Option<Self> {
        let manifest = cargo::workspace_around(path.ancestors().skip(1).find(|folder| folder.is_dir())?)?;
        Some(Self { text: fs::read_to_string(&manifest).ok()?, manifest })
    }

    fn restore(&self) {
        if fs::read_to_string(&self.manifest).is_ok_and(|text| text != self.text) {
            _ = fs::write(&self.manifest, &self.text);
        }
    }
}

struct Plugin {
    path: PathBuf,
    is_absolute: bool,
}

impl Plugin {
    /// Writes the code, and completes the manifest that cargo has made.
    fn write(&self, api: &Api, skeleton: &Skeleton) -> Result<(), Problem> {
        fs::write(self.path.join("src/lib.rs"), &skeleton.text)?;
        let path = self.path.join("Cargo.toml");
        let mut manifest: DocumentMut = fs::read_to_string(&path)?.parse()?;
        let workspace = workspace_dependencies(&cargo::metadata(Some(&path), false)?, &self.path)?;
        let mut library = Table::new();
        library["crate-type"] = toml_edit::value(Array::from_iter(["cdylib"]));
        let dependencies = manifest.remove("dependencies");
        let lints = manifest.remove("lints");
        manifest["lib"] = Item::Table(library);
        manifest["dependencies"] = dependencies.unwrap_or_else(|| Item::Table(Table::new()));
        if let Some(lints) = lints {
            manifest["lints"] = lints;
        }
        for needed in skeleton.crates.iter().filter_map(|krate| api.dependency_on(krate)) {
            let is_inherited = workspace.as_ref().is_some_and(|table| table.contains_key(&needed.key));
            let entry = &mut manifest["dependencies"][&needed.key];
            if is_inherited {
                // As cargo writes it: `plugbox.workspace = true`.
                let mut table = Table::new();
                table.set_dotted(true);
                table["workspace"] = toml_edit::value(true);
                *entry = Item::Table(table);
            } else {
                *entry = toml_edit::value(self.requirement_of(&needed));
            }
        }
        // The tables' order is that of their positions in the file that cargo has made.
        let mut position = 1;
        for (_, item) in manifest.iter_mut() {
            if let Item::Table(table) = item {
                table.set_position(Some(position));
                position += 1;
            }
        }
        fs::write(&path, manifest.to_string())?;
        cargo::metadata(Some(&path), false)?;
        // The project may have a style of its own.
        cargo::format(&path);
        Ok(())
    }

    /// What the manifest says of a dependency.
    fn requirement_of(&self, needed: &Needed) -> Value {
        let origin = match &needed.origin {
            Origin::Path(path) if !self.is_absolute && is_near(&self.path, path) => {
                Origin::Path(relative(&self.path, path))
            }
            other => other.clone(),
        };
        match (&needed.renamed, origin.requirement()) {
            (None, requirement) => requirement,
            (Some(package), Value::InlineTable(mut table)) => {
                table.insert("package", package.into());
                table.into()
            }
            (Some(package), version) => {
                InlineTable::from_iter([("version", version), ("package", package.into())]).into()
            }
        }
    }
}

/// The dependencies that the workspace around the plugin states for its members.
fn workspace_dependencies(metadata: &Metadata, plugin: &Path) -> Result<Option<Table>, Problem> {
    if metadata.workspace_root == *plugin {
        return Ok(None);
    }
    let manifest = fs::read_to_string(metadata.workspace_root.join("Cargo.toml"))?;
    let manifest: DocumentMut = manifest.parse()?;
    let table = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    Ok(table.and_then(Item::as_table).cloned())
}

/// Whether two folders have more in common than the root.
fn is_near(one: &Path, other: &Path) -> bool {
    one.components().zip(other.components()).take_while(|(one, other)| one == other).count() > 2
}

/// The path from one folder to another.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}
