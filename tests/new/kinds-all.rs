//! A plugin: it implements `kinds_api::Every` and `kinds_api::Commands`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::*;

use kinds_api::shown::{Item, Root, Tagged};
use kinds_api::{Base, Commands, Every, Kinds, LENGTH, Other, Peer, Shown};

#[derive(Default)]
struct KindsAll;

impl Every for KindsAll {
    // The API has a body for each of these; write those that the plugin needs:
    // fn provided(&self, item: Option<&kinds_api::shown::other::Item>) -> bool;

    fn names(
        &self,
        map: HashMap<String, Item>,
        path: &Path,
        other: &Other,
        deep: Option<Shown>,
        kinds: &Kinds,
    ) -> Duration {
        todo!()
    }

    fn paths(&mut self, item: Item, other: kinds_api::shown::other::Item, std: &PathBuf) {
        todo!()
    }

    fn results(&self) -> kinds_api::Result<std::result::Result<u8, String>> {
        todo!()
    }

    fn objects(
        &self,
        lent: &dyn Peer,
        changed: &mut dyn Peer,
        owned: Box<dyn Peer>,
    ) -> Option<Arc<dyn Peer>> {
        todo!()
    }

    fn lifetimes<'a, 'b: 'a>(&'a self, _: &'b str, tagged: Tagged<'b>) -> Tagged<'a>
    where
        'b: 'a,
    {
        todo!()
    }

    fn aliases<'a>(
        &self,
        pairs: Vec<(&'a str, Item)>,
        code: [u8; LENGTH],
        slice: &mut [(u8, Item)],
    ) {
        todo!()
    }

    fn r#match(&self, r#type: u8) -> bool {
        todo!()
    }

    #[cfg(unix)]
    fn of_unix(&self) -> u8 {
        todo!()
    }

    #[cfg(not(unix))]
    fn of_others(&self) -> u8 {
        todo!()
    }

    fn usual(&self) -> u8 {
        todo!()
    }

    #[cfg(unix)]
    fn usual_of_unix(&self) -> u8 {
        todo!()
    }

    #[cfg(all(any(unix, target_os = "none"), not(windows)))]
    fn mixed(&self) -> u8 {
        todo!()
    }

    fn sized<T: Into<Item>, const N: usize>(item: T) -> [Item; N]
    where
        Self: Sized,
    {
        todo!()
    }

    unsafe extern "C" fn foreign(item: *const Item)
    where
        Self: Sized,
    {
        todo!()
    }
}

impl Commands for KindsAll {
    fn commands(&self) -> Vec<Other> {
        todo!()
    }
}

impl Base for KindsAll {
    fn base(&self, renamed: Other) -> Other {
        todo!()
    }
}

impl Root for KindsAll {
    fn root(&self) -> Item {
        todo!()
    }
}

plugbox::export!(KindsAll as dyn Every + dyn Commands);
