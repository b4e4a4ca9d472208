/* Broken: the address of the struct is not aligned. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugins[2] = {{.version = PLUGIN_VERSION}};
    return (const Plugin *)(uintptr_t)((uintptr_t)plugins / 64 * 64 + 65);
}
