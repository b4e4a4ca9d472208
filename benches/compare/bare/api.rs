//! The traits, which host and plugin share.

#![allow(dead_code, reason = "each user needs some of them")]

#[macro_use]
#[path = "../further.rs"]
mod further;

further! { #[async_trait::async_trait] }

pub trait Plugin: Send + Sync {
    fn tiny(&self, number: u64) -> u64;
    fn split(&self, text: &str) -> Vec<String>;
    fn callback(&self, host: &dyn Host, times: u64) -> u64;
    fn events(&self, times: u64);
    fn records(&self, times: u64);
}

pub trait Host {
    fn add(&self, number: u64) -> u64;
}
