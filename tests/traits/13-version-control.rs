//! Stores of a system for version control. The plugin trait is `Vault`.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use ref_cast::{ref_cast_custom, RefCastCustom};
use smallvec::{smallvec, SmallVec};
use thiserror::Error;
use tokio::io::AsyncRead;

macro_rules! id {
    ($name:ident) => {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Vec<u8>);

        impl $name {
            pub fn new(bytes: Vec<u8>) -> Self {
                $name(bytes)
            }

            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }
    };
}

id!(RevisionId);
id!(ChangeId);
id!(FolderId);
id!(FileId);
id!(LinkId);
id!(CopyId);

/// A path inside the repository.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, RefCastCustom)]
#[repr(transparent)]
pub struct InnerPath {
    text: str,
}

impl InnerPath {
    #[ref_cast_custom]
    fn unchecked(text: &str) -> &Self;

    pub fn new(text: &str) -> Option<&Self> {
        let is_inner = !text.starts_with('/') && !text.ends_with('/') && !text.contains("//");
        is_inner.then(|| Self::unchecked(text))
    }

    pub fn as_text(&self) -> &str {
        &self.text
    }
}

/// A path inside the repository, on the heap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InnerPathBuf {
    text: String,
}

impl Deref for InnerPathBuf {
    type Target = InnerPath;

    fn deref(&self) -> &InnerPath {
        InnerPath::unchecked(&self.text)
    }
}

impl Borrow<InnerPath> for InnerPathBuf {
    fn borrow(&self) -> &InnerPath {
        self
    }
}

impl ToOwned for InnerPath {
    type Owned = InnerPathBuf;

    fn to_owned(&self) -> InnerPathBuf {
        InnerPathBuf { text: self.text.to_string() }
    }
}

/// Sides of a conflict, or one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sides<T> {
    values: SmallVec<[T; 1]>,
}

impl<T> Sides<T> {
    pub fn resolved(value: T) -> Self {
        Sides { values: smallvec![value] }
    }

    pub fn as_resolved(&self) -> Option<&T> {
        match &self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Clone, Copy, PartialOrd, Ord)]
pub struct Millis(pub i64);

#[derive(Debug, PartialEq, Eq, Clone, Copy, PartialOrd, Ord)]
pub struct Moment {
    pub millis: Millis,
    pub zone: i32,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Person {
    pub name: String,
    pub mail: String,
    pub moment: Moment,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Seal {
    pub data: Vec<u8>,
    pub signature: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Revision {
    pub parents: Vec<RevisionId>,
    pub predecessors: Vec<RevisionId>,
    pub folder: Sides<FolderId>,
    pub labels: Sides<String>,
    pub change: ChangeId,
    pub message: String,
    pub author: Person,
    pub committer: Person,
    pub seal: Option<Seal>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct CopyRecord {
    pub target: InnerPathBuf,
    pub target_revision: RevisionId,
    pub source: InnerPathBuf,
    pub source_file: FileId,
    pub source_revision: RevisionId,
}

#[derive(Debug, PartialEq, Eq, Clone, PartialOrd, Ord)]
pub struct CopyHistory {
    pub path: InnerPathBuf,
    pub parents: Vec<CopyId>,
    pub salt: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq, Clone, Hash)]
pub enum FolderValue {
    File { id: FileId, executable: bool, copy: CopyId },
    Link(LinkId),
    Folder(FolderId),
    Submodule(RevisionId),
}

#[derive(Default, PartialEq, Eq, Debug, Clone)]
pub struct Folder {
    entries: Vec<(String, FolderValue)>,
}

impl Folder {
    pub fn from_sorted(entries: Vec<(String, FolderValue)>) -> Self {
        debug_assert!(entries.windows(2).all(|pair| pair[0].0 < pair[1].0));
        Folder { entries }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }
}

#[derive(Debug, Error)]
pub enum VaultError {
    #[error("the hash of a {kind} has {actual} bytes in place of {expected}: {hash}")]
    HashLength { expected: usize, actual: usize, kind: String, hash: String },
    #[error("the {kind} {hash} is no text")]
    NoText { kind: String, hash: String, source: std::str::Utf8Error },
    #[error("there is no {kind} {hash}")]
    NotFound { kind: String, hash: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("cannot read {path:?}")]
    ReadFile { path: InnerPathBuf, id: FileId, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("cannot write a {kind}")]
    Write { kind: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    Unsupported(String),
}

pub type VaultResult<T> = Result<T, VaultError>;

#[derive(Debug, Error)]
pub enum SignError {
    #[error("the signature is invalid")]
    Invalid,
    #[error(transparent)]
    Backend(Box<dyn std::error::Error + Send + Sync>),
}

pub type SignResult<T> = Result<T, SignError>;

pub type SignFn<'a> = dyn FnMut(&[u8]) -> SignResult<Vec<u8>> + Send + 'a;

/// The start of an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    digits: Vec<u8>,
    odd: bool,
}

impl Prefix {
    pub fn new(digits: Vec<u8>, odd: bool) -> Self {
        Prefix { digits, odd }
    }

    pub fn len(&self) -> usize {
        self.digits.len() * 2 - usize::from(self.odd)
    }

    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match<T> {
    None,
    One(T),
    Several,
}

#[derive(Debug, Error)]
#[error("this index does not know all heads")]
pub struct HeadsUnsupported;

#[derive(Debug, Error)]
#[error(transparent)]
pub struct IndexError(pub Box<dyn std::error::Error + Send + Sync>);

#[derive(Debug, Error)]
pub enum QueryError {
    #[error("cannot read the store")]
    Store(#[from] VaultError),
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// A query for revisions.
#[derive(Debug, Clone)]
pub enum Query {
    Revisions(Vec<RevisionId>),
    Ancestors { heads: Box<Query>, depth: std::ops::Range<u64> },
    Union(Box<Query>, Box<Query>),
}

/// The revisions that a query has found.
pub trait Revisions: Debug {
    fn iter<'a>(&self) -> Box<dyn Iterator<Item = Result<RevisionId, QueryError>> + 'a>
    where
        Self: 'a;

    fn is_empty(&self) -> bool;

    fn estimate(&self) -> Result<(usize, Option<usize>), QueryError>;
}

/// A store with a cache.
#[derive(Debug)]
pub struct Store {
    vault: Box<dyn Vault>,
    revisions: Mutex<HashMap<RevisionId, Arc<Revision>>>,
}

impl Store {
    pub fn new(vault: Box<dyn Vault>) -> Arc<Self> {
        Arc::new(Store { vault, revisions: Mutex::default() })
    }

    pub fn vault(&self) -> &dyn Vault {
        self.vault.as_ref()
    }

    pub fn cached(&self, id: &RevisionId) -> Option<Arc<Revision>> {
        self.revisions.lock().unwrap().get(id).cloned()
    }
}

/// An index of all revisions; it belongs to the application.
pub trait Index: Send + Sync {
    fn shortest_prefix(&self, id: &RevisionId) -> usize;

    fn resolve(&self, prefix: &Prefix) -> Match<RevisionId>;

    fn contains(&self, id: &RevisionId) -> bool;

    fn is_ancestor(&self, ancestor: &RevisionId, descendant: &RevisionId) -> bool;

    fn common_ancestors(&self, first: &[RevisionId], second: &[RevisionId]) -> Vec<RevisionId>;

    fn all_heads(&self) -> Result<Box<dyn Iterator<Item = RevisionId> + '_>, HeadsUnsupported>;

    fn heads(&self, candidates: &mut dyn Iterator<Item = &RevisionId>) -> Result<Vec<RevisionId>, IndexError>;

    fn changed_paths(&self, id: &RevisionId)
        -> Result<Option<Box<dyn Iterator<Item = InnerPathBuf> + '_>>, IndexError>;

    fn query(&self, query: &Query, store: &Arc<Store>) -> Result<Box<dyn Revisions + '_>, QueryError>;
}

/// A place that keeps files, folders and revisions.
#[async_trait]
pub trait Vault: Any + Send + Sync + Debug {
    /// Returns the name, which is written into each new repository.
    fn name(&self) -> &str;

    /// Returns the number of bytes of a revision's identifier.
    fn revision_id_length(&self) -> usize;

    /// Returns the number of bytes of a change's identifier.
    fn change_id_length(&self) -> usize;

    fn root_revision(&self) -> &RevisionId;

    fn root_change(&self) -> &ChangeId;

    fn empty_folder(&self) -> &FolderId;

    /// Returns how many requests may run at once.
    fn concurrency(&self) -> usize;

    async fn read_file(&self, path: &InnerPath, id: &FileId) -> VaultResult<Pin<Box<dyn AsyncRead + Send>>>;

    async fn write_file(&self, path: &InnerPath, contents: &mut (dyn AsyncRead + Send + Unpin)) -> VaultResult<FileId>;

    async fn read_link(&self, path: &InnerPath, id: &LinkId) -> VaultResult<String>;

    async fn write_link(&self, path: &InnerPath, target: &str) -> VaultResult<LinkId>;

    async fn read_copy(&self, id: &CopyId) -> VaultResult<CopyHistory>;

    async fn write_copy(&self, copy: &CopyHistory) -> VaultResult<CopyId>;

    /// Returns the histories that have an ancestor in common.
    async fn related_copies(&self, id: &CopyId) -> VaultResult<Vec<CopyHistory>>;

    async fn read_folder(&self, path: &InnerPath, id: &FolderId) -> VaultResult<Folder>;

    async fn write_folder(&self, path: &InnerPath, contents: &Folder) -> VaultResult<FolderId>;

    async fn read_revision(&self, id: &RevisionId) -> VaultResult<Revision>;

    /// Writes a revision, and returns what was written.
    async fn write_revision(
        &self,
        contents: Revision,
        sign: Option<&mut SignFn>,
    ) -> VaultResult<(RevisionId, Revision)>;

    /// Returns the copies between two revisions.
    fn copies(
        &self,
        paths: Option<&[InnerPathBuf]>,
        root: &RevisionId,
        head: &RevisionId,
    ) -> VaultResult<BoxStream<'_, VaultResult<CopyRecord>>>;

    /// Returns the copies between two folders.
    fn copies_of_folders(
        &self,
        paths: Option<&[InnerPathBuf]>,
        root: &FolderId,
        head: &FolderId,
    ) -> VaultResult<BoxStream<'_, VaultResult<CopyRecord>>> {
        let _ = (paths, root, head);
        Ok(Box::pin(stream::empty()))
    }

    /// Removes what is neither in the index nor new.
    fn clean(&self, index: &dyn Index, keep_newer: SystemTime) -> VaultResult<()>;
}

impl dyn Vault {
    /// Returns the vault as what it is.
    pub fn downcast_ref<T: Vault>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}
