//! A new application: the files in `template/`, with its name.

use std::path::Path;

use toml_edit::DocumentMut;

use super::origin::Origin;
use super::{Problem, cargo, files, name};

/// The files, where they go, and what they are made of. The names in `template/` are not those that cargo and git would
/// act on there.
const TEMPLATE: [(&str, &str); 14] = [
    (".github/workflows/ci.yml", include_str!("template/ci.yml")),
    (".gitignore", include_str!("template/gitignore")),
    ("Cargo.toml", include_str!("template/workspace.toml")),
    ("README.md", include_str!("template/README.md")),
    ("rust-toolchain.toml", include_str!("template/toolchain.toml")),
    ("api/Cargo.toml", include_str!("template/api/manifest.toml")),
    ("api/golden/plugin.txt", include_str!("template/api/golden.txt")),
    ("api/src/lib.rs", include_str!("template/api/lib.rs")),
    ("api/tests/frozen.rs", include_str!("template/api/frozen.rs")),
    ("host/Cargo.toml", include_str!("template/host/manifest.toml")),
    ("host/src/main.rs", include_str!("template/host/main.rs")),
    ("host/tests/plugins.rs", include_str!("template/host/plugins.rs")),
    ("plugins/hello/Cargo.toml", include_str!("template/plugin/manifest.toml")),
    ("plugins/hello/src/lib.rs", include_str!("template/plugin/lib.rs")),
];

/// Makes the application, and returns what there is to say.
pub(super) fn make(path: &Path, plugbox: Option<Origin>) -> Result<String, Problem> {
    let name = name::of(path)?;
    cargo::check_name(&name)?;
    files::must_be_free(path)?;
    let plugbox = plugbox.unwrap_or_else(Origin::of_this_command);
    let toolchain = cargo::toolchain()?;
    let named = |(path, text): &(&str, &str)| {
        let text = text.replace("my_app", &name::in_code(&name)).replace("my-app", &name);
        let text = match *path {
            "Cargo.toml" => manifest(&text, &plugbox),
            "rust-toolchain.toml" => text.replace("CHANNEL", &toolchain),
            ".github/workflows/ci.yml" => {
                text.replace("--locked plugbox-cli", &format!("--locked {}", plugbox.install()))
            }
            _ => text,
        };
        ((*path).to_owned(), text)
    };
    let project: Vec<_> = TEMPLATE.iter().map(named).collect();
    files::write(path, &project)?;
    let shown = path.display();
    let mut text = format!(
        "made {shown}: an API, a host and a first plugin; plugbox comes from {}\n\n  $ cd {shown}\n  $ cargo run\n",
        plugbox.words()
    );
    text += "\nand then, for a plugin of your own:\n\n  $ plugbox new plugin shout\n  $ cargo run\n";
    text += &note_of_a_workspace_around(path, &name).unwrap_or_default();
    Ok(text)
}

/// Enters where plugbox comes from.
fn manifest(text: &str, plugbox: &Origin) -> String {
    let mut manifest: DocumentMut = text.parse().expect("the template is a manifest");
    let dependencies = &mut manifest["workspace"]["dependencies"];
    for (package, part) in [("plugbox", "core-api"), ("plugbox-loader", "loader")] {
        dependencies[package] = toml_edit::value(plugbox.of_part(part).requirement());
    }
    manifest.to_string()
}

/// If the project lies in a workspace that takes it for a member, cargo does not work there any more.
fn note_of_a_workspace_around(path: &Path, name: &str) -> Option<String> {
    let real = path.canonicalize().ok()?;
    let around = cargo::workspace_around(real.parent()?)?;
    let problem = cargo::metadata(Some(&around), false).err()?;
    let inside = real.strip_prefix(around.parent()?).unwrap_or(Path::new(name));
    problem.to_string().contains("multiple workspace roots").then(|| {
        format!(
            "\n{name} is a workspace of its own, but {} takes it for a member. Add this to its `[workspace]`:\n\n  \
             exclude = [\"{}\"]\n",
            around.display(),
            inside.display()
        )
    })
}
