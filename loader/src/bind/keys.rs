//! The host's functions for thread-local keys, as the C library has them.
//!
//! The C library has 1,024 keys for a process, and each image of std takes one. The keys of plugins need one of them
//! altogether. Their numbers are so high that they cannot be taken for those of the C library, which keeps the keys that
//! a library has made before it was bound.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::Ordering;

use super::slots::{Destructor, Full};
use super::values::{self, SLOTS};
use crate::map::Generation;
use crate::sys::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, ThreadKey};

/// The first number of a plugin's key.
const FIRST: c_uint = 1 << 30;

/// The place of a plugin's key among all; `None` if the key is one of the C library's.
fn place(key: c_uint) -> Option<usize> {
    key.checked_sub(FIRST).map(|place| place as usize)
}

pub(super) unsafe extern "C" fn key_create(
    generation: *const (),
    key: *mut c_uint,
    destructor: Option<Destructor>,
) -> c_int {
    // SAFETY: *generation*: the library passes the address that `bind` gave to it.
    let generation = unsafe { &*generation.cast::<Generation>() };
    match create(destructor) {
        Ok(number) => {
            generation.virtual_keys.store(true, Ordering::Relaxed);
            // SAFETY: the caller of pthread_key_create(3) passes the address of a key.
            unsafe { key.write(number) };
            0
        }
        Err(error) => error,
    }
}

fn create(destructor: Option<Destructor>) -> Result<c_uint, c_int> {
    values::make_key()?;
    let place = SLOTS.create(destructor).map_err(|full| match full {
        Full::Numbers => NO_KEY_LEFT,
        Full::Memory => NO_MEMORY,
    })?;
    c_uint::try_from(place).map(|place| FIRST + place).map_err(|_| NO_KEY_LEFT)
}

pub(super) unsafe extern "C" fn key_delete(key: c_uint) -> c_int {
    match place(key) {
        None => ThreadKey(key).delete(),
        Some(place) if SLOTS.delete(place) => 0,
        Some(_) => NO_SUCH_KEY,
    }
}

pub(super) unsafe extern "C" fn key_get(key: c_uint) -> *mut c_void {
    place(key).map_or_else(|| ThreadKey(key).get(), values::get)
}

pub(super) unsafe extern "C" fn key_set(key: c_uint, value: *const c_void) -> c_int {
    match place(key) {
        // SAFETY: the caller of pthread_setspecific(3) knows the key's destructor.
        None => unsafe { ThreadKey(key).set(value) },
        Some(place) => values::set(place, value),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::ptr;
    use std::sync::{Barrier, Mutex, PoisonError};
    use std::thread;

    use super::*;
    use crate::sys::Capabilities;

    /// One test at a time, because each may get a number that another one has just given back. None at all where the host
    /// serves no keys.
    fn alone() -> Option<impl Drop> {
        static ALONE: Mutex<()> = Mutex::new(());
        if !Capabilities::of_this_system().keys_served {
            eprintln!("SKIPPED: no keys are served on this system");
            return None;
        }
        Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn made(destructor: Option<Destructor>) -> c_uint {
        let generation = Generation::new(1, PathBuf::new(), Vec::new());
        let mut key = 0;
        // SAFETY: the generation and the key are locals.
        let outcome = unsafe { key_create((&raw const generation).cast(), &raw mut key, destructor) };
        assert_eq!(outcome, 0);
        assert!(generation.virtual_keys.into_inner());
        key
    }

    fn set(key: c_uint, value: usize) -> c_int {
        // SAFETY: the destructors of these tests do not read from the value.
        unsafe { key_set(key, ptr::without_provenance(value)) }
    }

    fn get(key: c_uint) -> usize {
        // SAFETY: it accepts any key.
        unsafe { key_get(key) }.addr()
    }

    fn delete(key: c_uint) -> c_int {
        // SAFETY: it accepts any key.
        unsafe { key_delete(key) }
    }

    fn in_a_thread<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
        thread::spawn(run).join().unwrap()
    }

    #[test]
    fn a_new_key_is_null_in_every_thread_and_each_thread_has_its_own_value() {
        let Some(_alone) = alone() else { return };
        let key = made(None);
        assert_eq!((get(key), set(key, 1), get(key)), (0, 0, 1));
        in_a_thread(move || assert_eq!((get(key), set(key, 2), get(key)), (0, 0, 2)));
        assert_eq!((get(key), set(key, 0), get(key), delete(key)), (1, 0, 0, 0));
    }

    #[test]
    fn a_number_that_is_used_again_shows_no_thread_an_old_value() {
        let Some(_alone) = alone() else { return };
        let (old, barrier) = (made(None), Barrier::new(2));
        set(old, 1);
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                set(old, 2);
                barrier.wait();
                barrier.wait();
                (get(old), set(old, 3), get(old))
            });
            barrier.wait();
            assert_eq!(delete(old), 0);
            assert_eq!(made(None), old);
            barrier.wait();
            assert_eq!((get(old), other.join().unwrap()), (0, (0, 0, 3)));
        });
        delete(old);
    }

    #[test]
    fn there_is_no_value_for_a_key_that_was_deleted_or_never_made() {
        let Some(_alone) = alone() else { return };
        let key = made(None);
        set(key, 1);
        assert_eq!((delete(key), delete(key)), (0, NO_SUCH_KEY));
        for key in [key, FIRST + (1 << 20), c_uint::MAX] {
            assert_eq!((get(key), set(key, 1), set(key, 0), delete(key)), (0, NO_SUCH_KEY, NO_SUCH_KEY, NO_SUCH_KEY));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "a key of the C library may not be deleted twice there")]
    fn a_key_of_the_c_library_is_its_own() {
        let Some(_alone) = alone() else { return };
        let Ok(ThreadKey(key)) = ThreadKey::create(None) else { panic!("no key is left") };
        assert_eq!((get(key), set(key, 5), get(key), ThreadKey(key).get().addr()), (0, 0, 5, 5));
        assert_eq!((delete(key), delete(key), get(key)), (0, NO_SUCH_KEY, 0));
    }

    /// Some keys, ours or the C library's, and what happens to them when a thread ends.
    struct Scenario {
        /// In the order of their numbers.
        keys: Vec<c_uint>,
        log: Vec<String>,
    }

    static SCENARIO: Mutex<Option<Scenario>> = Mutex::new(None);

    fn scenario<R>(with: impl FnOnce(&mut Scenario) -> R) -> R {
        with(SCENARIO.lock().unwrap().as_mut().unwrap())
    }

    /// A destructor. Its value says in decimal digits: how often still, another key, its own key. It sets the other key
    /// to a value that does the same.
    unsafe extern "C" fn ping(value: *mut c_void) {
        let (often, other, own) = (value.addr() / 100, value.addr() / 10 % 10, value.addr() % 10);
        let keys = scenario(|scenario| {
            scenario.log.push(format!("{own} is {}", value.addr()));
            scenario.keys.clone()
        });
        assert_eq!(get(keys[own]), 0, "it is null while its destructor runs");
        if often > 0 {
            set(keys[other], (often - 1) * 100 + own * 10 + other);
        }
    }

    struct Local(&'static str);

    impl Drop for Local {
        fn drop(&mut self) {
            let key = scenario(|scenario| {
                scenario.log.push(format!("the thread-local {}", self.0));
                scenario.keys[3]
            });
            if self.0 == "first" {
                assert_eq!(get(key), 0);
                SECOND.with(|_| set(key, 3));
            }
        }
    }

    thread_local! {
        static FIRST_LOCAL: Local = const { Local("first") };
        static SECOND: Local = const { Local("second") };
    }

    /// What happens at the end of a thread that has set four keys to these values; 0 is null.
    fn at_the_end(make: fn(Destructor) -> c_uint, values: [usize; 4], deleted: Option<usize>) -> Vec<String> {
        let mut keys: Vec<c_uint> = values.iter().map(|_| make(ping)).collect();
        keys.sort_unstable();
        *SCENARIO.lock().unwrap() = Some(Scenario { keys: keys.clone(), log: Vec::new() });
        let in_thread = keys.clone();
        in_a_thread(move || {
            FIRST_LOCAL.with(|_| ());
            for (key, value) in in_thread.iter().zip(values) {
                assert_eq!(set(*key, value), 0);
            }
            if let Some(deleted) = deleted {
                delete(in_thread[deleted]);
            }
        });
        for (place, key) in keys.iter().enumerate() {
            if deleted != Some(place) {
                delete(*key);
            }
        }
        scenario(|scenario| scenario.log.clone())
    }

    fn ours(destructor: Destructor) -> c_uint {
        made(Some(destructor))
    }

    /// Compares our keys with those of the C library.
    fn assert_at_the_end(values: [usize; 4], deleted: Option<usize>, expected: &[&str]) {
        // A thread-local may drop another one, whose destructor it has thereby registered.
        let expected = [&["the thread-local first", "the thread-local second"], expected].concat();
        assert_eq!(at_the_end(ours, values, deleted), expected);
        // Miri does not count passes.
        if !cfg!(miri) {
            let of_the_c_library = |destructor| ThreadKey::create(Some(destructor)).unwrap().0;
            assert_eq!(at_the_end(of_the_c_library, values, deleted), expected, "the control");
        }
    }

    #[test]
    fn a_thread_ends_with_its_thread_locals_and_then_its_keys_in_order() {
        let Some(_alone) = alone() else { return };
        // The fourth key is set by a thread-local.
        assert_at_the_end([10, 21, 2, 0], None, &["0 is 10", "1 is 21", "2 is 2", "3 is 3"]);
    }

    #[test]
    fn a_key_without_a_value_and_a_deleted_one_have_no_destructor() {
        let Some(_alone) = alone() else { return };
        assert_at_the_end([0, 1, 2, 0], Some(1), &["2 is 2", "3 is 3"]);
    }

    #[test]
    fn a_destructor_that_sets_its_key_runs_in_four_passes() {
        let Some(_alone) = alone() else { return };
        let expected = ["0 is 900", "3 is 3", "0 is 800", "0 is 700", "0 is 600"];
        assert_at_the_end([900, 0, 0, 0], None, &expected);
        assert_at_the_end([200, 0, 0, 0], None, &["0 is 200", "3 is 3", "0 is 100"]);
    }

    #[test]
    fn a_destructor_that_sets_a_later_key_runs_it_in_the_same_pass() {
        let Some(_alone) = alone() else { return };
        assert_at_the_end([220, 0, 0, 0], None, &["0 is 220", "2 is 102", "3 is 3", "0 is 20"]);
    }

    #[test]
    fn no_number_is_too_high_for_a_value() {
        let Some(_alone) = alone() else { return };
        let keys: Vec<c_uint> = (0..if cfg!(miri) { 130 } else { 20_000 }).map(|_| made(None)).collect();
        in_a_thread(move || {
            keys.iter().enumerate().for_each(|(value, key)| assert_eq!(set(*key, value + 1), 0));
            keys.iter().enumerate().for_each(|(value, key)| assert_eq!((get(*key), delete(*key)), (value + 1, 0)));
        });
    }
}
