/* Broken: the plugin's version is not a version number. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("one"),
    };
    return &plugin;
}
