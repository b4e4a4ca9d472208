/* Broken: what it registers lies where no memory is. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) { return (const Plugin *)(uintptr_t)0x10; }
