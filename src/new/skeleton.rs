//! The code of a new plugin: the methods that its interfaces ask for, in names that the plugin's crate can use.

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, GenericArgument, GenericParam, Generics, Ident, ItemImpl, Lifetime, Path, PathArguments, Signature,
    TraitItem, Type, TypePath, parse_quote,
};

use super::Problem;
use super::condition::left_of;
use super::crate_source::{CrateSource, Interface, Thing, is_std, segments};
use super::name;

/// Names that are in scope everywhere. None is imported from elsewhere, so each keeps its meaning.
const PRELUDE: [&str; 60] = [
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    "bool",
    "char",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
    "Debug",
    "Self",
];

/// The code of a plugin.
pub(super) struct Skeleton {
    pub(super) text: String,
    /// The crates that the code names, besides those of std.
    pub(super) crates: BTreeSet<String>,
    /// What to do by hand.
    pub(super) left: Vec<String>,
}

/// Writes a plugin of this name that implements these interfaces of an API.
pub(super) fn write(plugin: &str, crates: &[&CrateSource], interfaces: &[Interface<'_>]) -> Result<Skeleton, Problem> {
    let (all, left) = with_supertraits(crates, interfaces);
    let mut names = Names {
        imports: BTreeMap::new(),
        globs: BTreeSet::new(),
        taken: BTreeSet::new(),
        crates: BTreeSet::new(),
        left,
    };
    names.taken.extend(PRELUDE.map(str::to_owned));
    let ty = type_name(plugin, &all);
    names.taken.insert(ty.to_string());
    let mut blocks = Vec::new();
    for interface in &all {
        blocks.push(names.implementation(&ty, interface)?);
    }
    let exported: Vec<String> = interfaces.iter().map(|one| names.name_of(one)).collect::<Result<_, _>>()?;
    let described: Vec<String> = interfaces
        .iter()
        .filter_map(|interface| Some(format!("`{}`", interface.source.public_path(&interface.thing())?.join("::"))))
        .collect();
    let text = format!(
        "//! A plugin: it implements {}.\n\n{}#[derive(Default)]\nstruct {ty};\n\n{}\nplugbox::export!({ty} as dyn {});\n",
        described.join(" and "),
        names.imported(),
        blocks.join("\n"),
        exported.join(" + dyn "),
    );
    names.crates.insert("plugbox".to_owned());
    Ok(Skeleton { text, crates: names.crates, left: names.left })
}

/// The interfaces and their supertraits, each once, and what cannot be found. The crates are those whose sources are
/// known.
fn with_supertraits<'a>(crates: &[&'a CrateSource], interfaces: &[Interface<'a>]) -> (Vec<Interface<'a>>, Vec<String>) {
    let (mut all, mut left): (Vec<Interface<'a>>, Vec<String>) = (interfaces.to_vec(), Vec::new());
    let is_same = |one: &Interface<'_>, other: &Interface<'_>| {
        one.source.name == other.source.name && one.thing() == other.thing()
    };
    let mut at = 0;
    while let Some(interface) = all.get(at).copied() {
        for (path, thing) in interface.supertraits() {
            let known = match &thing {
                Some(Thing::Elsewhere(path)) => {
                    let source = crates.iter().find(|source| Some(&source.name) == path.first());
                    source.and_then(|source| source.interface(&path[1..]))
                }
                thing => interface.source.interfaces().find(|other| Some(other.thing()) == *thing),
            };
            match known {
                Some(other) if all.iter().any(|known| is_same(known, &other)) => {}
                Some(other) => all.push(other),
                None => left.push(format!(
                    "implement `{}`, a supertrait of `{}`: its source cannot be found",
                    segments(path).join("::"),
                    interface.item.ident
                )),
            }
        }
        at += 1;
    }
    (all, left)
}

/// The name of the plugin's type, which is not that of an interface.
fn type_name(plugin: &str, interfaces: &[Interface<'_>]) -> Ident {
    let name = name::of_type(plugin);
    let is_free =
        |name: &str| !PRELUDE.contains(&name) && !interfaces.iter().any(|interface| interface.item.ident == name);
    let mut names = [name.clone(), format!("My{name}"), format!("The{name}Plugin")].into_iter();
    let free = names.find_map(|name| syn::parse_str(&name).ok().filter(|_| is_free(&name)));
    free.unwrap_or_else(|| parse_quote!(ThisPlugin))
}

/// The names in the new code.
struct Names {
    /// The imported names, and their paths.
    imports: BTreeMap<String, Vec<String>>,
    /// The modules whose names are imported, all at once.
    globs: BTreeSet<Vec<String>>,
    /// The names that have another meaning.
    taken: BTreeSet<String>,
    crates: BTreeSet<String>,
    left: Vec<String>,
}

impl Names {
    /// How the code names a thing: by an imported name, or by its path if the name is taken.
    fn path_of(&mut self, source: &CrateSource, thing: &Thing, import: bool) -> Option<String> {
        let path = source.public_path(thing)?;
        if !is_std(&path) {
            self.crates.extend(path.first().cloned());
        }
        let name = path.last()?.clone();
        match self.imports.get(&name) {
            Some(known) if *known == path => return Some(name),
            Some(_) => return Some(path.join("::")),
            None if !import || self.taken.contains(&name) || path.len() < 2 => return Some(path.join("::")),
            None => {}
        }
        self.imports.insert(name.clone(), path);
        Some(name)
    }

    /// How the code names an interface.
    fn name_of(&mut self, interface: &Interface<'_>) -> Result<String, Problem> {
        let name = self.path_of(interface.source, &interface.thing(), true);
        name.ok_or_else(|| format!("{} has no public path", interface.item.ident).into())
    }

    /// The implementation of an interface.
    fn implementation(&mut self, ty: &Ident, interface: &Interface<'_>) -> Result<String, Problem> {
        let path: Path = syn::parse_str(&self.name_of(interface)?)?;
        let methods = interface.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) => Some(method),
            _ => None,
        });
        let (mut required, mut provided, mut is_async) = (Vec::new(), Vec::new(), false);
        for method in methods {
            let Some(conditions) = left_of(&method.attrs, &interface.source.features) else { continue };
            let mut signature = method.sig.clone();
            is_async |= signature.asyncness.is_some();
            let is_required = method.default.is_none();
            self.rewrite(&mut signature, interface, is_required);
            match is_required {
                true => required.push(quote!(#(#conditions)* #signature { todo!() })),
                false => provided.push(quote!(#(#conditions)* #signature;)),
            }
        }
        let attribute = is_async.then(|| quote!(#[plugbox::async_impl]));
        let implementation: ItemImpl = parse_quote!(#attribute impl #path for #ty { #(#required)* });
        // A blank line between the methods.
        let text = formatted(parse_quote!(#implementation)).replace("\n    }\n    ", "\n    }\n\n    ");
        if provided.is_empty() {
            return Ok(text);
        }
        let listed = formatted(parse_quote!(trait Provided { #(#provided)* }));
        let lines = listed.lines().filter(|line| line.starts_with(' '));
        let lines: String = lines.map(|line| format!("    // {}\n", &line[4..])).collect();
        let what = "    // The API has a body for each of these; write those that the plugin needs:\n";
        let (head, rest) = text.split_once('{').unwrap_or((&text, "}\n"));
        let rest = rest.trim_start_matches('\n');
        let gap = if required.is_empty() { "" } else { "\n" };
        Ok(format!("{head}{{\n{what}{lines}{gap}{rest}"))
    }

    /// Makes the names in a signature those of the new code.
    fn rewrite(&mut self, signature: &mut Signature, interface: &Interface<'_>, import: bool) {
        let own = signature.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        });
        let own = own.collect();
        let Interface { source, module, .. } = *interface;
        Rewrite { names: self, source, module, own, import }.visit_signature_mut(signature);
    }

    /// The imports as code, those of std first.
    fn imported(&self) -> String {
        let mut groups: [BTreeMap<&[String], BTreeSet<&str>>; 2] = Default::default();
        for (name, path) in &self.imports {
            let parent = &path[..path.len() - 1];
            groups[usize::from(!is_std(path))].entry(parent).or_default().insert(name);
        }
        for path in &self.globs {
            groups[usize::from(!is_std(path))].entry(path).or_default().insert("*");
        }
        let block = |group: &BTreeMap<&[String], BTreeSet<&str>>| {
            let line = |(parent, names): (&&[String], &BTreeSet<&str>)| {
                let names: Vec<&str> = names.iter().copied().collect();
                let tree = if let [name] = names[..] { name.to_owned() } else { format!("{{{}}}", names.join(", ")) };
                let item = syn::parse_str(&format!("use {}::{tree};", parent.join("::")));
                item.map(formatted).unwrap_or_default()
            };
            let lines: String = group.iter().map(line).collect();
            if lines.is_empty() { lines } else { lines + "\n" }
        };
        groups.iter().map(block).collect()
    }
}

/// Rewrites the paths of a signature.
struct Rewrite<'n, 'a> {
    names: &'n mut Names,
    source: &'a CrateSource,
    module: usize,
    /// The generic parameters of the method.
    own: BTreeSet<String>,
    import: bool,
}

impl VisitMut for Rewrite<'_, '_> {
    // An alias that only the API can name is replaced by its definition.
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let source = self.source;
        let alias = match &*ty {
            Type::Path(path) if path.qself.is_none() && !self.own.contains(&segments(&path.path)[0]) => {
                source.resolve(self.module, &segments(&path.path)).and_then(|thing| source.hidden_alias(&thing))
            }
            _ => None,
        };
        let Some((module, alias)) = alias else { return visit_mut::visit_type_mut(self, ty) };
        let mut arguments = arguments(ty);
        arguments.iter_mut().for_each(|argument| self.visit_generic_argument_mut(argument));
        let mut definition = (*alias.ty).clone();
        let own = alias.generics.type_params().map(|parameter| parameter.ident.to_string()).collect();
        Rewrite { names: &mut *self.names, source, module, own, import: self.import }.visit_type_mut(&mut definition);
        Insert { parameters: &alias.generics, arguments: &arguments }.visit_type_mut(&mut definition);
        *ty = definition;
    }

    // A path such as `<T as Trait>::Item` counts its parts.
    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        if ty.qself.is_none() {
            visit_mut::visit_type_path_mut(self, ty);
        }
    }

    // The API's edition may be one in which this is no keyword.
    fn visit_ident_mut(&mut self, name: &mut Ident) {
        if name == "gen" {
            *name = Ident::new_raw("gen", name.span());
        }
    }

    // The names of attributes are no types.
    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let segments = segments(path);
        if segments[0] == "Self" || self.own.contains(&segments[0]) {
            return;
        }
        let Some(thing) = self.source.resolve(self.module, &segments) else {
            let is_known = segments.len() == 1 && PRELUDE.contains(&&*segments[0]);
            let globs: Vec<_> = self.source.globs_from_elsewhere(self.module).collect();
            if is_known || !self.import {
            } else if !globs.is_empty() {
                self.names.globs.extend(globs);
            } else {
                let what = format!("import `{}`: the source does not say where it comes from", segments.join("::"));
                self.names.left.push(what);
            }
            return;
        };
        let new =
            self.names.path_of(self.source, &thing, self.import).and_then(|text| syn::parse_str::<Path>(&text).ok());
        match (new, path.segments.last_mut()) {
            (Some(mut new), Some(last)) => {
                let arguments = std::mem::take(&mut last.arguments);
                if let Some(last) = new.segments.last_mut() {
                    last.arguments = arguments;
                }
                *path = new;
            }
            _ => self.names.left.push(format!("`{}` is not public in the API", segments.join("::"))),
        }
    }
}

/// The generic arguments that a type ends with.
fn arguments(ty: &Type) -> Vec<GenericArgument> {
    let Type::Path(path) = ty else { return Vec::new() };
    match path.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(list)) => list.args.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Inserts arguments into the definition of an alias.
struct Insert<'a> {
    parameters: &'a Generics,
    arguments: &'a [GenericArgument],
}

impl Insert<'_> {
    fn argument(&self, is_it: impl Fn(&GenericParam) -> bool) -> Option<&GenericArgument> {
        self.arguments.get(self.parameters.params.iter().position(is_it)?)
    }
}

impl VisitMut for Insert<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let is_it = |parameter: &GenericParam| match (parameter, &*ty) {
            (GenericParam::Type(parameter), Type::Path(path)) => path.path.is_ident(&parameter.ident),
            _ => false,
        };
        match self.argument(is_it) {
            Some(GenericArgument::Type(argument)) => *ty = argument.clone(),
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let is_it = |parameter: &GenericParam| match parameter {
            GenericParam::Lifetime(parameter) => parameter.lifetime == *lifetime,
            _ => false,
        };
        if let Some(GenericArgument::Lifetime(argument)) = self.argument(is_it) {
            *lifetime = argument.clone();
        }
    }
}

/// An item, formatted.
fn formatted(item: syn::Item) -> String {
    prettyplease::unparse(&syn::File { shebang: None, attrs: Vec::new(), items: vec![item], ..parse_quote!() })
}
