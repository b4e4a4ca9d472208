/* Broken: the address of the name is not in memory. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = {(const char *)(uintptr_t)0x10, 6},
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
