//! Items for the macros' output and the loader. This is not a public API: it changes without notice.

// An API crate need not have std.
pub use std::boxed::Box;
pub use std::sync::Arc;

pub use plugbox_macros::export;

pub use crate::abi::{
    BindError, CONTRACT, Entry, EntryHead, HostTable, KeyDestructor, MAGIC, PROBE_WORDS, PanicBegun, PanicCaught,
    PanicNote, RawContext, RawPath, RawService, RawText, Row, probe,
};
pub use crate::access::{Methods, MethodsAccess, any};
pub use crate::crossing::{
    Captured, Closures, Crossing, Guard, HostProxy, Lend, LentError, Made, Making, Origin, Ownership, PluginProxy,
    Sent, SharedLoan, ToHost, ToPlugin, Visit, lend, lend_send,
};
pub use crate::export::{
    Construct, Constructor, EntryWithRecords, Failure, PANICKED, View, assert_one_type, construct, construct_default,
    object,
};
pub use crate::frozen::class;
pub use crate::host::{
    HostAllocator, describe_payloads, drop_quietly, keys, payload_text, raising_for_hook, while_unwinding,
};
pub use crate::interface::{ImplementedBy, InterfaceNotes, InterfaceRecord};
pub use crate::record::{
    BUILD, Canary, Kind, Line, NOTE_NAME, Notes, PluginRecord, hash, in_order, plugin_record, words,
};
pub use crate::shape::{
    Argument, Body, Carries, Closure, Definition, Direction, Exactly, Facts, Field, Form, Hidden, Holders, Layout,
    Lifetime, Method, Named, Opaque, Otherwise, Probe, Reached, Revision, Shown, Token, Type, TypeRef, Unproved, Use,
    Variant, WithoutSize, Written, WrittenFirst, assert_auto_trait, assert_closure_crosses, assert_crosses,
    assert_opaque, assert_sized, hides_object, may_hide_object, of_field,
};
pub use crate::supertrait::{NamedSupertrait, Supertrait};

/// The interface through which plugins log.
#[cfg(feature = "journal")]
pub mod journal {
    pub use crate::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};
}

/// The comparison of canonical texts.
pub mod canonical {
    pub use crate::frozen::{Change, Difference, Harm, differences, kind};
}
