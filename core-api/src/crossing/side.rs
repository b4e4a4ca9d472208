//! The side whose code a wrapper runs.

use crate::host;
use crate::shape::Direction;

/// The side whose code a wrapper runs. Both wrappers are code of the plugin's library.
pub trait Side: 'static {
    /// The side that calls the wrapper.
    type Other: Side;
    /// The direction in which a result of this side crosses.
    const RESULTS: Direction;

    /// Runs code of this side for the other one, which gets its panic. `name` is for reports of panics.
    fn call<R>(name: &'static str, code: impl FnOnce() -> R) -> R;

    /// Runs code of this side for the other one, which gets its panic; and then a drop that belongs to it, whose panic is
    /// only reported. Both get `subject`.
    fn call_with_drop<C, R>(
        name: &'static str,
        subject: &mut C,
        code: impl FnOnce(&mut C) -> R,
        drop: impl FnOnce(&mut C, &R),
    ) -> R;

    /// Runs code of this side for the other one, which gets no panic: it is reported.
    fn call_quietly(name: &'static str, code: impl FnOnce());

    /// Panics because of a mistake of the other side, which has called the wrapper.
    fn complain(name: &'static str, message: &str) -> !;
}

/// The side of the host.
pub enum HostSide {}

impl Side for HostSide {
    type Other = PluginSide;
    const RESULTS: Direction = Direction::IntoPlugin;

    #[inline]
    fn call<R>(_: &'static str, code: impl FnOnce() -> R) -> R {
        host::attempt(code)
    }

    #[inline]
    fn call_with_drop<C, R>(
        _: &'static str,
        subject: &mut C,
        code: impl FnOnce(&mut C) -> R,
        drop: impl FnOnce(&mut C, &R),
    ) -> R {
        host::attempt_with_drop(subject, code, drop)
    }

    #[inline]
    fn call_quietly(_: &'static str, code: impl FnOnce()) {
        host::attempt_drop(code);
    }

    #[cold]
    fn complain(_: &'static str, message: &str) -> ! {
        panic!("{message}");
    }
}

/// The side of the plugin.
pub enum PluginSide {}

impl Side for PluginSide {
    type Other = HostSide;
    const RESULTS: Direction = Direction::OutOfPlugin;

    #[inline]
    fn call<R>(name: &'static str, code: impl FnOnce() -> R) -> R {
        host::guard(code, || ("", name))
    }

    #[inline]
    fn call_with_drop<C, R>(
        name: &'static str,
        subject: &mut C,
        code: impl FnOnce(&mut C) -> R,
        drop: impl FnOnce(&mut C, &R),
    ) -> R {
        host::guard_with_drop(subject, code, drop, || ("", name))
    }

    #[inline]
    fn call_quietly(name: &'static str, code: impl FnOnce()) {
        host::guard_drop("", name, code);
    }

    #[cold]
    fn complain(name: &'static str, message: &str) -> ! {
        host::guard(|| panic!("{message}"), || ("", name))
    }
}
