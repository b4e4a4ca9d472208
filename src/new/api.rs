//! The API of a new plugin, and how the plugin depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{MAIN_SEPARATOR, Path};

use cargo_metadata::semver::VersionReq;
use cargo_metadata::{CrateType, Dependency, DependencyKind, Metadata, Package, PackageId, Target};

use super::crate_source::{CrateSource, Interface, Thing, segments};
use super::origin::Origin;
use super::{Problem, cargo, name};

/// The package of an API, and its source.
pub(super) struct Api {
    pub(super) package: Package,
    pub(super) source: CrateSource,
    /// The packages that supertraits come from.
    neighbors: Vec<(Package, CrateSource)>,
}

impl Api {
    /// Finds the API that the user names: a folder, or a crate. Without a name it is the only one of the workspace.
    pub(super) fn find(named: Option<&str>) -> Result<Self, Problem> {
        let Some(named) = named else {
            let metadata = cargo::metadata(None, false).map_err(|problem| {
                format!(
                    "name the API with `--api FOLDER` or `--api CRATE`: this is no workspace that has one ({problem})"
                )
            })?;
            return Self::only_of(metadata, "this workspace");
        };
        let path = Path::new(named);
        if path.is_dir() || named.contains(MAIN_SEPARATOR) || path.ends_with("Cargo.toml") {
            return Self::in_folder(path);
        }
        Self::new(of_crate(named)?)
    }

    fn in_folder(path: &Path) -> Result<Self, Problem> {
        let manifest = if path.ends_with("Cargo.toml") { path.to_owned() } else { path.join("Cargo.toml") };
        let real = manifest.canonicalize().map_err(|error| format!("{}: {error}", manifest.display()))?;
        let metadata = cargo::metadata(Some(&real), false)?;
        match metadata.packages.iter().find(|package| package.manifest_path == real) {
            Some(package) => Self::new(package.clone()),
            None => Self::only_of(metadata, &format!("the workspace {}", path.display())),
        }
    }

    /// The only package of a workspace that has an interface.
    fn only_of(metadata: Metadata, place: &str) -> Result<Self, Problem> {
        let members =
            metadata.packages.into_iter().filter(|package| library(package).is_some_and(|target| !is_plugin(target)));
        let apis = members.filter(|package| plugbox(package).is_some()).map(Self::new);
        let mut apis: Vec<Self> = apis.filter_map(Result::ok).collect();
        match apis.len() {
            1 => Ok(apis.remove(0)),
            0 => Err(format!(
                "{place} has no package with an interface; name the API with `--api FOLDER` or `--api CRATE`"
            )
            .into()),
            _ => {
                let names: Vec<&str> = apis.iter().map(|api| api.package.name.as_str()).collect();
                Err(format!("{place} has several APIs; choose one with `--api`: {}", names.join(", ")).into())
            }
        }
    }

    fn new(package: Package) -> Result<Self, Problem> {
        let name = package.name.as_str();
        let target = library(&package).ok_or_else(|| format!("{name} has no library, so it is no API"))?;
        if plugbox(&package).is_none() {
            return Err(format!("{name} does not depend on plugbox, so it is no API").into());
        }
        let source = read(&package, target, &name::in_code(&target.name), default_features(&package))?;
        if source.interfaces().next().is_none() {
            return Err(format!(
                "the source of {name} has no public trait with `#[plugbox::interface]`; nothing that a macro makes is seen"
            )
            .into());
        }
        let neighbors = neighbors(&package, &source);
        Ok(Self { package, source, neighbors })
    }

    /// Chooses the interfaces of these names. Without names it is the only one that no other interface mentions.
    pub(super) fn choose(&self, named: &[String]) -> Result<Vec<Interface<'_>>, Problem> {
        let all: Vec<Interface<'_>> = self.source.interfaces().collect();
        if named.is_empty() {
            let mentioned: BTreeSet<Thing> = all.iter().flat_map(|interface| self.mentioned(interface)).collect();
            let mut first = all.iter().filter(|interface| !mentioned.contains(&interface.thing()));
            return match (first.next(), first.next()) {
                (Some(only), None) => Ok(vec![*only]),
                _ => Err(format!(
                    "{} has several interfaces; choose with `--interface NAME`:\n{}",
                    self.package.name,
                    self.list(&all)
                )
                .into()),
            };
        }
        let mut chosen: Vec<Interface<'_>> = Vec::new();
        for name in named {
            let found = self.named(name, &all)?;
            if !chosen.iter().any(|known| known.thing() == found.thing()) {
                chosen.push(found);
            }
        }
        Ok(chosen)
    }

    /// Finds an interface by its path, or by the end of its path.
    fn named<'a>(&self, name: &str, all: &[Interface<'a>]) -> Result<Interface<'a>, Problem> {
        if let Some(found) = all.iter().find(|interface| self.path(interface) == name) {
            return Ok(*found);
        }
        let end = format!("::{name}");
        let found: Vec<_> = all.iter().filter(|interface| self.path(interface).ends_with(&end)).copied().collect();
        let package = &self.package.name;
        match &found[..] {
            [only] => Ok(*only),
            [] => Err(format!("{package} has no interface `{name}`; it has:\n{}", self.list(all)).into()),
            _ => {
                Err(format!("{package} has several interfaces `{name}`; choose by path:\n{}", self.list(&found)).into())
            }
        }
    }

    pub(super) fn path(&self, interface: &Interface<'_>) -> String {
        self.source.public_path(&interface.thing()).unwrap_or_default().join("::")
    }

    fn list(&self, interfaces: &[Interface<'_>]) -> String {
        let line = |interface: &Interface<'_>| {
            let summary = interface.summary().map(|summary| format!("  {summary}")).unwrap_or_default();
            format!("  {}{summary}", self.path(interface))
        };
        interfaces.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The things that an interface names in its signatures and supertraits.
    fn mentioned(&self, interface: &Interface<'_>) -> BTreeSet<Thing> {
        use syn::visit::{Visit, visit_path};
        struct Paths(Vec<Vec<String>>);
        impl<'a> Visit<'a> for Paths {
            fn visit_path(&mut self, path: &'a syn::Path) {
                self.0.push(segments(path));
                visit_path(self, path);
            }
        }
        let mut paths = Paths(interface.supertraits().map(|(path, _)| segments(path)).collect());
        for item in &interface.item.items {
            if let syn::TraitItem::Fn(method) = item {
                paths.visit_signature(&method.sig);
            }
        }
        let things = paths.0.iter().filter_map(|path| self.source.resolve(interface.module, path));
        things.filter(|thing| *thing != interface.thing()).collect()
    }

    /// The sources of the API and of the crates that supertraits come from.
    pub(super) fn sources(&self) -> Vec<&CrateSource> {
        [&self.source].into_iter().chain(self.neighbors.iter().map(|(_, source)| source)).collect()
    }

    /// The dependency on a crate that the plugin's code names: the API itself, or what the API depends on.
    pub(super) fn dependency_on(&self, krate: &str) -> Option<Needed> {
        let of_package = |package: &Package| Needed {
            key: package.name.to_string(),
            renamed: None,
            origin: Origin::of_package(package),
        };
        if krate == self.source.name {
            return Some(of_package(&self.package));
        }
        let mut dependencies = self.package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
        if let Some(found) = dependencies.find(|one| name_in_code(one) == krate) {
            return Some(Needed {
                key: found.rename.as_ref().unwrap_or(&found.name).clone(),
                renamed: found.rename.as_ref().map(|_| found.name.clone()),
                origin: Origin::of_dependency(found),
            });
        }
        self.neighbors.iter().find(|(_, source)| source.name == krate).map(|(package, _)| of_package(package))
    }
}

/// A dependency of the plugin.
pub(super) struct Needed {
    /// The name in the manifest.
    pub(super) key: String,
    /// The name of the package, if the manifest gives it another one.
    pub(super) renamed: Option<String>,
    pub(super) origin: Origin,
}

fn read(package: &Package, library: &Target, name: &str, features: BTreeSet<String>) -> Result<CrateSource, Problem> {
    let dependencies = package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
    CrateSource::read(name, library.src_path.as_std_path(), dependencies.map(name_in_code).collect(), features)
}

/// The features that a plain dependency on a package turns on.
fn default_features(package: &Package) -> BTreeSet<String> {
    let all: &BTreeMap<String, Vec<String>> = &package.features;
    let (mut on, mut left) = (BTreeSet::new(), vec!["default".to_owned()]);
    while let Some(name) = left.pop() {
        if on.insert(name.clone()) {
            left.extend(all.get(&name).into_iter().flatten().cloned());
        }
    }
    on
}

fn name_in_code(dependency: &Dependency) -> String {
    name::in_code(dependency.rename.as_deref().unwrap_or(&dependency.name))
}

/// The packages that supertraits come from, as far as cargo finds them. Each source has the name by which the other
/// crate calls it.
fn neighbors(package: &Package, source: &CrateSource) -> Vec<(Package, CrateSource)> {
    let mut found: Vec<(Package, CrateSource)> = Vec::new();
    let of = |package: &Package, source: &CrateSource| {
        let manifest = package.manifest_path.clone();
        source.crates_of_supertraits().into_iter().map(move |name| (manifest.clone(), name))
    };
    let mut left: Vec<_> = of(package, source).collect();
    if left.is_empty() {
        return found;
    }
    let Ok(all) = cargo::metadata(Some(package.manifest_path.as_std_path()), true) else { return found };
    let resolved = |id: &PackageId| all.resolve.as_ref()?.nodes.iter().find(|node| node.id == *id);
    let named = |by: &Package, name: &str| {
        let dependency = resolved(&by.id)?.deps.iter().find(|one| one.name.as_str() == name)?;
        all.packages.iter().find(|one| one.id == dependency.pkg)
    };
    let features = |package: &Package| {
        let on = resolved(&package.id).into_iter().flat_map(|node| &node.features);
        on.map(ToString::to_string).collect()
    };
    while let Some((by, name)) = left.pop() {
        let by = all.packages.iter().find(|one| one.manifest_path == by);
        let is_new = !found.iter().any(|(_, known)| known.name == name);
        let Some(package) = by.and_then(|by| named(by, &name)).filter(|_| is_new) else { continue };
        if let Some(Ok(source)) = library(package).map(|library| read(package, library, &name, features(package))) {
            left.extend(of(package, &source));
            found.push((package.clone(), source));
        }
    }
    found
}

/// The dependency on plugbox.
fn plugbox(package: &Package) -> Option<&cargo_metadata::Dependency> {
    package.dependencies.iter().find(|one| one.name == "plugbox" && one.kind == DependencyKind::Normal)
}

fn library(package: &Package) -> Option<&Target> {
    package.targets.iter().find(|target| target.is_lib() || target.is_rlib() || is_plugin(target))
}

/// Whether a library is made to be loaded, and not to be used by other crates.
pub(super) fn is_plugin(target: &Target) -> bool {
    target.crate_types.contains(&CrateType::CDyLib) && !target.is_lib() && !target.is_rlib()
}

/// The package of a crate: one that the workspace of the current folder uses, or that of the registry.
fn of_crate(spec: &str) -> Result<Package, Problem> {
    let (name, version) = spec.split_once('@').unwrap_or((spec, "*"));
    let requirement: VersionReq = version.parse().map_err(|error| format!("`{version}` is no version: {error}"))?;
    let in_use = cargo::metadata(None, true).map(|metadata| metadata.packages).unwrap_or_default();
    let mut in_use = in_use.into_iter().filter(|one| one.name.as_str() == name && requirement.matches(&one.version));
    if let Some(package) = in_use.next() {
        return match in_use.next() {
            None => Ok(package),
            Some(other) => Err(format!(
                "this workspace uses {name} {} and {}; choose with `--api {name}@VERSION`",
                package.version, other.version
            )
            .into()),
        };
    }
    let manifest = format!(
        "[workspace]\n[package]\nname = \"plugbox-new\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[lib]\npath = \
         \"lib.rs\"\n\n[dependencies]\n\"{}\" = \"{}\"\n",
        name.escape_default(),
        requirement
    );
    let scratch = cargo::scratch(&manifest)?;
    std::fs::write(scratch.path().join("lib.rs"), "")?;
    let metadata = cargo::metadata(Some(&scratch.path().join("Cargo.toml")), true)
        .map_err(|problem| format!("cargo does not find the crate {name}: {problem}"))?;
    let mut found = metadata.packages.into_iter().filter(|one| one.name.as_str() == name);
    found.next().ok_or_else(|| format!("cargo does not find the crate {name}").into())
}
