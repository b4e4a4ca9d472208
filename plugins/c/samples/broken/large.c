/* Broken: the struct is larger than the maximum. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = 4104,
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("1.0.0"),
    };
    return &plugin;
}
