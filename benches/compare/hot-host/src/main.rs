//! The bare plugin, reloaded by hot-lib-reloader.

#[allow(dead_code, reason = "it reloads, and does nothing else")]
#[path = "../../bare/api.rs"]
mod api;
#[path = "../../reload.rs"]
mod reload;

use std::path::Path;
use std::time::Duration;

use api::Plugin;
use hot_lib_reloader::LibReloader;

/// The plugin that its function `construct` returns. Objects are never dropped, because it unmaps the library.
fn construct(reloader: &LibReloader) -> &'static dyn Plugin {
    // SAFETY: the same compiler built the library and this host, from the same `api.rs`.
    let construct = unsafe { reloader.get_symbol::<fn() -> Box<dyn Plugin>>(b"construct") }.unwrap();
    Box::leak(construct())
}

fn serve(path: &Path, quiet: Duration) -> Box<dyn FnMut() -> u64> {
    let name = path.file_stem().unwrap().to_str().unwrap().strip_prefix("lib").unwrap();
    let mut reloader = LibReloader::new(path.parent().unwrap(), name, Some(quiet), None).unwrap();
    let mut plugin = construct(&reloader);
    Box::new(move || {
        if reloader.update().unwrap() {
            plugin = construct(&reloader);
        }
        plugin.tiny(0)
    })
}

fn main() {
    reload::run(serve);
}
