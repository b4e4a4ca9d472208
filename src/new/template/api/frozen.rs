//! A released interface is frozen: plugins that were built against this version must still fit.

use my_app_api::Plugin;

#[test]
fn the_plugin_interface_is_frozen() {
    plugbox::assert_frozen::<dyn Plugin>("golden/plugin.txt");
}
