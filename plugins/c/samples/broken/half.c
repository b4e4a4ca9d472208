/* Broken: the struct ends in the middle of a pointer. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin) - 1,
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
