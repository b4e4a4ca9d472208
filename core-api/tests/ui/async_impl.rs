//! What `#[async_impl]` says where it cannot help.

use std::rc::Rc;

#[plugbox::interface]
trait Shop: Send + Sync {
    async fn price(&self, article: &str) -> u64;
    fn plain(&self) {}
}

trait Local {
    fn price(&self);
}

struct Other;

#[plugbox::async_impl]
impl Other {
    async fn own(&self) {}
}

#[plugbox::async_impl]
struct NoImplementation;

#[plugbox::async_impl(crate)]
impl Shop for NoImplementation {
    async fn price(&self, article: &str) -> u64 {
        article.len() as u64
    }
}

// No interface: the error names what is missing.
#[plugbox::async_impl]
impl Local for Other {
    async fn price(&self) {}
}

struct Misspelled;

#[plugbox::async_impl]
impl Shop for Misspelled {
    async fn prise(&self, article: &str) -> u64 {
        article.len() as u64
    }
}

struct Unlike;

#[plugbox::async_impl]
impl Shop for Unlike {
    async fn price(&self, article: String) -> u64 {
        article.len() as u64
    }

    async fn plain(&self) {}
}

struct Unsendable;

#[plugbox::async_impl]
impl Shop for Unsendable {
    async fn price(&self, article: &str) -> u64 {
        let article = Rc::new(article);
        std::future::ready(()).await;
        article.len() as u64
    }
}

struct WrongType;

#[plugbox::async_impl]
impl Shop for WrongType {
    async fn price(&self, article: &str) -> u64 {
        article.len()
    }
}

fn main() {}
