//! The trait, as the macro reads it.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use syn::{FnArg, ItemTrait, Lifetime, Path, ReceiverKind, ReturnType, TraitItem, TraitItemFn, Type, TypeParamBound};

use crate::closure::AUTO_TRAITS;
use crate::lifetimes::written;
use crate::scope::Scope;
use crate::valid::is_sized_only;

/// A trait that is marked `#[interface]`.
pub(crate) struct Interface<'a> {
    pub(crate) item: &'a ItemTrait,
    pub(crate) krate: Path,
    pub(crate) scope: Scope,
    /// Whether errors were reported, so the methods must be ignored.
    pub(crate) refused: bool,
}

impl Interface<'_> {
    /// Returns the methods of the trait object, in vtable order.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &TraitItemFn> {
        self.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !is_sized_only(method) && !self.refused => Some(method),
            _ => None,
        })
    }

    /// Returns the supertraits that are interfaces.
    pub(crate) fn supers(&self) -> impl Iterator<Item = &Path> {
        self.item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) if bound.maybe.is_none() && auto_trait(bound).is_none() => Some(&bound.path),
            _ => None,
        })
    }
}

/// A signature without elided lifetimes.
pub(crate) struct Signature {
    pub(crate) receiver: Lifetime,
    pub(crate) arguments: Vec<Type>,
    pub(crate) result: Option<Type>,
}

impl Signature {
    pub(crate) fn of(signature: &syn::Signature) -> Self {
        let named = |lifetime: &Option<Lifetime>| lifetime.clone().filter(|lifetime| lifetime.ident != "_");
        let receiver = signature.receiver().and_then(|receiver| match &receiver.kind {
            ReceiverKind::Reference(_, lifetime, _) => named(lifetime),
            _ => None,
        });
        // Fresh names are longer than all names in the signature.
        let width = signature.generics.lifetimes().map(|known| known.lifetime.ident.to_string().len() + 1).max();
        let width = width.unwrap_or(0);
        let fresh_name = |name: &str| {
            let name = format!("plugbox_{name}");
            Lifetime::new(&format!("'{name:_<width$}"), Span::call_site())
        };
        let receiver = receiver.unwrap_or_else(|| fresh_name("self"));
        let mut elided = 0;
        let mut fresh = || {
            elided += 1;
            fresh_name(&elided.to_string())
        };
        let arguments = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(typed) => Some(written(&typed.ty, &mut fresh)),
            FnArg::Receiver(_) => None,
        });
        let arguments = arguments.collect();
        let result = match &signature.output {
            ReturnType::Type(_, ty) => Some(written(ty, || receiver.clone())),
            ReturnType::Default => None,
        };
        Self { receiver, arguments, result }
    }
}

/// Whether these tokens are new. Tokens with `$crate` always count as new, because its meaning depends on the macro
/// that wrote it.
pub(crate) fn is_new(known: &mut BTreeSet<String>, tokens: &TokenStream) -> bool {
    let text = tokens.to_string();
    text.contains("$crate") || known.insert(text)
}

/// Returns the name of a supertrait that is an auto trait; `None` for any other supertrait.
pub(crate) fn auto_trait(bound: &syn::TraitBound) -> Option<String> {
    let last = bound.path.segments.last()?.ident.to_string();
    AUTO_TRAITS.contains(&last.as_str()).then_some(last)
}

pub(crate) fn is_mut(method: &TraitItemFn) -> bool {
    matches!(
        method.sig.inputs.first(),
        Some(FnArg::Receiver(receiver)) if matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)))
    )
}
