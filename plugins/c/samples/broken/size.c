/* Broken: the struct is smaller than the minimum. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(uint32_t) * 2,
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
