/* Broken: a callback is not the address of a function. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static Plugin plugin = {.version = PLUGIN_VERSION,
                            .size = sizeof(Plugin),
                            .name = PLUGIN_TEXT("broken"),
                            .release = PLUGIN_TEXT("1.0.0")};
    const uintptr_t nowhere = 0x10;
    memcpy(&plugin.opened, &nowhere, sizeof plugin.opened);
    return &plugin;
}
