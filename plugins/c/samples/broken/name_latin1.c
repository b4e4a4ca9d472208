/* Broken: the name is in Latin-1 instead of UTF-8. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("caf\xe9"),
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
