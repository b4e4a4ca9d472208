//! The source of a crate, as far as names go: its modules, what they import, what they show, and its interfaces. Macros
//! are not expanded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, ItemTrait, ItemType, Lit, Meta, TypeParamBound, UseTree, Visibility};

use super::Problem;
use super::condition::left_of;

/// How many imports may lead to each other.
const MOST_IMPORTS: usize = 32;

/// A crate.
pub(super) struct CrateSource {
    /// Its name in code.
    pub(super) name: String,
    /// The names of the crates that it may use.
    dependencies: BTreeSet<String>,
    /// The features that are on.
    pub(super) features: BTreeSet<String>,
    /// The root comes first.
    modules: Vec<Module>,
    /// The shortest public path of each item, without the name of the crate.
    shown: BTreeMap<Thing, Vec<String>>,
}

#[derive(Default)]
struct Module {
    parent: usize,
    names: BTreeMap<String, Named>,
    globs: Vec<(bool, Vec<String>)>,
    interfaces: Vec<ItemTrait>,
    aliases: BTreeMap<String, ItemType>,
}

struct Named {
    is_public: bool,
    means: Means,
}

enum Means {
    Item,
    Module(usize),
    Import(Vec<String>),
}

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// An item of this module of the crate.
    Item(usize, String),
    /// A module of the crate.
    Module(usize),
    /// An item or a module of another crate, by its path.
    Elsewhere(Vec<String>),
}

/// An interface, and the crate and the module that its names are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Interface<'a> {
    pub(super) source: &'a CrateSource,
    pub(super) module: usize,
    pub(super) item: &'a ItemTrait,
}

impl Interface<'_> {
    pub(super) fn thing(&self) -> Thing {
        Thing::Item(self.module, self.item.ident.to_string())
    }

    /// The supertraits that a type has to implement itself, and what they mean.
    pub(super) fn supertraits(&self) -> impl Iterator<Item = (&syn::Path, Option<Thing>)> {
        let bounds = self.item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(&bound.path),
            _ => None,
        });
        let own = bounds.filter(|path| {
            let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            !["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"].contains(&last.as_str())
        });
        own.map(|path| (path, self.source.resolve(self.module, &segments(path))))
    }

    /// The first sentence of its documentation.
    pub(super) fn summary(&self) -> Option<String> {
        let lines = self.item.attrs.iter().filter_map(|attribute| text_of(attribute, "doc"));
        let lines: Vec<String> = lines.map(|line| line.trim().to_owned()).take_while(|line| !line.is_empty()).collect();
        let text = lines.join(" ");
        let sentence = text.split_inclusive(". ").next()?;
        Some(sentence.trim_end().to_owned())
    }
}

impl CrateSource {
    /// Reads a crate from its first file.
    pub(super) fn read(
        name: &str,
        root: &Path,
        dependencies: BTreeSet<String>,
        features: BTreeSet<String>,
    ) -> Result<Self, Problem> {
        let (modules, shown) = (Vec::new(), BTreeMap::new());
        let mut source = Self { name: name.to_owned(), dependencies, features, modules, shown };
        source.modules.push(Module::default());
        let folder = root.parent().unwrap_or(root).to_owned();
        source.add_file(0, root, &folder)?;
        source.shown = source.public_paths();
        Ok(source)
    }

    /// The interfaces that other crates can name.
    pub(super) fn interfaces(&self) -> impl Iterator<Item = Interface<'_>> {
        let all = self.modules.iter().enumerate();
        let all = all.flat_map(move |(module, found)| {
            found.interfaces.iter().map(move |item| Interface { source: self, module, item })
        });
        all.filter(|interface| self.shown.contains_key(&interface.thing()))
    }

    /// The crates that supertraits of the interfaces come from.
    pub(super) fn crates_of_supertraits(&self) -> Vec<String> {
        let mut crates = Vec::new();
        for interface in self.interfaces() {
            crates.extend(interface.supertraits().filter_map(|(_, thing)| match thing? {
                Thing::Elsewhere(path) => path.into_iter().next(),
                _ => None,
            }));
        }
        crates
    }

    /// The interface that a path of this crate means, without the name of the crate.
    pub(super) fn interface(&self, path: &[String]) -> Option<Interface<'_>> {
        let thing = self.resolve(0, &[&["crate".to_owned()], path].concat())?;
        self.interfaces().find(|interface| interface.thing() == thing)
    }

    /// The path by which another crate can name a thing. Things of std keep their own.
    pub(super) fn public_path(&self, thing: &Thing) -> Option<Vec<String>> {
        let shown = |thing: &Thing| {
            let path = self.shown.get(thing)?;
            Some([std::slice::from_ref(&self.name), path].concat())
        };
        let Thing::Elsewhere(path) = thing else { return shown(thing) };
        if is_std(path) {
            return Some(path.clone());
        }
        // The crate may show it, or a module that it is in.
        let parts = (1..=path.len()).rev();
        let again =
            parts.filter_map(|len| Some([&shown(&Thing::Elsewhere(path[..len].to_vec()))?, &path[len..]].concat()));
        again.into_iter().next().or_else(|| Some(path.clone()))
    }

    /// The definition of an alias that other crates cannot name, and its module. A public interface may use it.
    pub(super) fn hidden_alias(&self, thing: &Thing) -> Option<(usize, &ItemType)> {
        let Thing::Item(module, name) = thing else { return None };
        let alias = self.modules[*module].aliases.get(name)?;
        (!self.shown.contains_key(thing)).then_some((*module, alias))
    }

    /// The modules of other crates whose names a module imports, all at once.
    pub(super) fn globs_from_elsewhere(&self, module: usize) -> impl Iterator<Item = Vec<String>> {
        self.modules[module].globs.iter().filter_map(move |(_, path)| match self.resolve(module, path)? {
            thing @ Thing::Elsewhere(_) => self.public_path(&thing),
            _ => None,
        })
    }

    /// What a path means in a module. None for names of the prelude, and for those that a macro makes.
    pub(super) fn resolve(&self, module: usize, path: &[String]) -> Option<Thing> {
        self.resolve_within(module, path, MOST_IMPORTS)
    }

    fn resolve_within(&self, module: usize, path: &[String], left: usize) -> Option<Thing> {
        let (first, rest) = path.split_first()?;
        let mut thing = match first.as_str() {
            "" => Thing::Elsewhere(Vec::new()),
            "crate" => Thing::Module(0),
            "self" => Thing::Module(module),
            "super" => Thing::Module(self.modules[module].parent),
            name => match self.find(module, name, left) {
                Some(thing) => thing,
                None if self.is_crate(name) => Thing::Elsewhere(vec![name.to_owned()]),
                None => return None,
            },
        };
        for name in rest {
            thing = match thing {
                Thing::Module(inner) if name == "super" => Thing::Module(self.modules[inner].parent),
                Thing::Module(inner) if name == "self" => Thing::Module(inner),
                Thing::Module(inner) => self.find(inner, name, left)?,
                Thing::Elsewhere(path) => Thing::Elsewhere([path, vec![name.clone()]].concat()),
                Thing::Item(..) => return None,
            };
        }
        Some(thing)
    }

    fn is_crate(&self, name: &str) -> bool {
        is_std(&[name.to_owned()]) || self.dependencies.contains(name)
    }

    /// What a name means in a module, by its own items and imports.
    fn find(&self, module: usize, name: &str, left: usize) -> Option<Thing> {
        let left = left.checked_sub(1)?;
        let inside = &self.modules[module];
        match inside.names.get(name).map(|named| &named.means) {
            Some(Means::Item) => Some(Thing::Item(module, name.to_owned())),
            Some(Means::Module(inner)) => Some(Thing::Module(*inner)),
            // `use bytes;` means the crate.
            Some(Means::Import(path)) if path.len() == 1 && path[0] == name => Some(Thing::Elsewhere(path.clone())),
            Some(Means::Import(path)) => {
                // `use bytes::Bytes` in a module that has a `bytes` from elsewhere means that one, but not itself.
                let of_crate = path[0] == name && self.is_crate(name);
                if of_crate { Some(Thing::Elsewhere(path.clone())) } else { self.resolve_within(module, path, left) }
            }
            None => inside.globs.iter().find_map(|(_, path)| match self.resolve_within(module, path, left)? {
                Thing::Module(other) if other != module => self.find(other, name, left),
                _ => None,
            }),
        }
    }

    /// Walks the public modules, outermost first.
    fn public_paths(&self) -> BTreeMap<Thing, Vec<String>> {
        let (mut shown, mut known) = (BTreeMap::new(), BTreeSet::from([0]));
        let mut left = VecDeque::from([(0, Vec::new())]);
        while let Some((module, path)) = left.pop_front() {
            for (name, thing) in self.public_names(module, MOST_IMPORTS) {
                let path = [&path[..], &[name]].concat();
                if let Thing::Module(inner) = thing {
                    if known.insert(inner) {
                        left.push_back((inner, path.clone()));
                    }
                }
                shown.entry(thing).or_insert(path);
            }
        }
        shown
    }

    fn public_names(&self, module: usize, left: usize) -> Vec<(String, Thing)> {
        let Some(left) = left.checked_sub(1) else { return Vec::new() };
        let inside = &self.modules[module];
        let own = inside.names.iter().filter(|(_, named)| named.is_public);
        let own = own.filter_map(|(name, _)| Some((name.clone(), self.find(module, name, MOST_IMPORTS)?)));
        let globs = inside.globs.iter().filter(|(is_public, _)| *is_public);
        let globs = globs.filter_map(|(_, path)| match self.resolve(module, path)? {
            Thing::Module(other) if other != module => Some(self.public_names(other, left)),
            _ => None,
        });
        own.chain(globs.flatten()).collect()
    }

    /// Adds the items of a file. The modules that it declares are in `folder`.
    fn add_file(&mut self, module: usize, file: &Path, folder: &Path) -> Result<(), Problem> {
        let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let parsed = syn::parse_file(&text).map_err(|error| format!("cannot parse {}: {error}", file.display()))?;
        self.add(module, parsed.items, file, folder)
    }

    fn add(&mut self, module: usize, items: Vec<Item>, file: &Path, folder: &Path) -> Result<(), Problem> {
        for item in items {
            let (attributes, visibility, name) = match &item {
                Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Union(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
                Item::Mod(item) => (&item.attrs, &item.vis, &item.ident),
                Item::ExternCrate(item) if self.has(&item.attrs) => {
                    let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name).to_string();
                    let path = vec![String::new(), item.ident.to_string()];
                    self.name(module, name, is_public(&item.vis), Means::Import(path));
                    continue;
                }
                Item::Use(item) if self.has(&item.attrs) => {
                    let prefix = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
                    self.import(module, is_public(&item.vis), prefix, &item.tree);
                    continue;
                }
                _ => continue,
            };
            if !self.has(attributes) {
                continue;
            }
            let (name, is_public) = (name.to_string(), is_public(visibility));
            let means = match item {
                Item::Mod(item) => Means::Module(self.add_module(module, item, file, folder)?),
                Item::Trait(item) => {
                    if item.attrs.iter().any(|attribute| names(attribute, "interface")) {
                        self.modules[module].interfaces.push(item);
                    }
                    Means::Item
                }
                Item::Type(item) => {
                    self.modules[module].aliases.entry(name.clone()).or_insert(item);
                    Means::Item
                }
                _ => Means::Item,
            };
            self.name(module, name, is_public, means);
        }
        Ok(())
    }

    /// Whether an item with these attributes may be compiled.
    fn has(&self, attributes: &[Attribute]) -> bool {
        left_of(attributes, &self.features).is_some()
    }

    fn add_module(&mut self, parent: usize, item: syn::ItemMod, file: &Path, folder: &Path) -> Result<usize, Problem> {
        let module = self.modules.len();
        self.modules.push(Module { parent, ..Module::default() });
        let name = item.ident.to_string();
        let name = name.trim_start_matches("r#");
        let inside = folder.join(name);
        if let Some((_, items)) = item.content {
            self.add(module, items, file, &inside)?;
            return Ok(module);
        }
        let path = item.attrs.iter().find_map(|attribute| text_of(attribute, "path"));
        let beside = file.parent().unwrap_or(folder);
        let (file, folder): (PathBuf, PathBuf) = match path {
            Some(path) => (beside.join(&path), beside.join(&path).parent().unwrap_or(beside).to_owned()),
            None if folder.join(format!("{name}.rs")).is_file() => (folder.join(format!("{name}.rs")), inside),
            None => (inside.join("mod.rs"), inside),
        };
        // A condition may leave out a module whose file another build writes.
        if file.is_file() || !item.attrs.iter().any(|attribute| names(attribute, "cfg")) {
            self.add_file(module, &file, &folder)?;
        }
        Ok(module)
    }

    fn import(&mut self, module: usize, is_public: bool, path: Vec<String>, tree: &UseTree) {
        let and = |name: &syn::Ident| match name.to_string().as_str() {
            // `use path::{self}`
            "self" if !path.is_empty() => path.clone(),
            name => [&path[..], &[name.to_owned()]].concat(),
        };
        match tree {
            UseTree::Path(tree) => self.import(module, is_public, and(&tree.ident), &tree.tree),
            UseTree::Name(tree) => {
                let path = and(&tree.ident);
                let name = path.last().cloned().unwrap_or_default();
                self.name(module, name, is_public, Means::Import(path));
            }
            UseTree::Rename(tree) => {
                let path = and(&tree.ident);
                self.name(module, tree.rename.to_string(), is_public, Means::Import(path));
            }
            UseTree::Glob(_) => self.modules[module].globs.push((is_public, path)),
            UseTree::Group(tree) => {
                tree.items.iter().for_each(|tree| self.import(module, is_public, path.clone(), tree));
            }
        }
    }

    /// Notes a name. Of a type and a value of one name, types come first in most sources; either leads to the same path.
    fn name(&mut self, module: usize, name: String, is_public: bool, means: Means) {
        self.modules[module].names.entry(name).or_insert(Named { is_public, means });
    }
}

/// The path's names, the first one empty if it begins with `::`.
pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    let start = path.leading_colon.map(|_| String::new());
    start.into_iter().chain(path.segments.iter().map(|segment| segment.ident.to_string())).collect()
}

/// Whether a path is one of std, or of the parts that it consists of.
pub(super) fn is_std(path: &[String]) -> bool {
    path.first().is_some_and(|first| matches!(first.as_str(), "std" | "core" | "alloc"))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Whether an attribute has this name, by whatever path.
pub(super) fn names(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == name)
}

/// The text of an attribute such as `#[path = "text"]`.
fn text_of(attribute: &Attribute, name: &str) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident(name) => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
