/* Broken: the address of the struct is not in memory. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) { return (const Plugin *)(uintptr_t)0x10; }
