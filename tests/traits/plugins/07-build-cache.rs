use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Mutex;
use std::time::Duration;

use api::{bail, Depot, Filling, Found, HeaderEntry, Lookup, ReadSeek, Result};
use async_trait::async_trait;

/// Keeps entries in memory.
#[derive(Default)]
pub struct InMemory {
    entries: Mutex<HashMap<String, Vec<u8>>>,
}

#[async_trait]
impl Depot for InMemory {
    async fn get(&self, key: &str) -> Result<Lookup> {
        let Some(bytes) = self.entries.lock().unwrap().get(key).cloned() else {
            return Ok(Lookup::Miss);
        };
        Ok(Lookup::Hit(Found::from(Cursor::new(bytes), vec![key.to_string()])?))
    }

    async fn put(&self, key: &str, entry: Filling) -> Result<Duration> {
        self.entries.lock().unwrap().insert(key.to_string(), entry.finish()?);
        Ok(Duration::from_millis(1))
    }

    fn location(&self) -> String {
        "memory".to_string()
    }

    async fn size(&self) -> Result<Option<u64>> {
        Ok(Some(self.entries.lock().unwrap().values().map(|bytes| bytes.len() as u64).sum()))
    }

    async fn max_size(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn get_headers(&self, key: &str) -> Result<Option<Box<dyn ReadSeek>>> {
        let bytes = self.entries.lock().unwrap().get(key).cloned();
        Ok(bytes.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn ReadSeek>))
    }

    async fn put_headers(&self, key: &str, _headers: HeaderEntry) -> Result<()> {
        bail!("{key} has no headers")
    }
}

plugbox::export!(InMemory as dyn Depot);
