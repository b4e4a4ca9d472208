/* Broken: it has data, but no function that frees it. */

#include "plugin.h"

static int count;

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("1.0.0"),
        .data = &count,
    };
    return &plugin;
}
