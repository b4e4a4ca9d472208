/* Broken: the name is already used by a Rust plugin. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("shout"),
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
