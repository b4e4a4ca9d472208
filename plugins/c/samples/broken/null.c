/* Broken: it registers nothing. */

#include "plugin.h"

PLUGIN_EXPORT const Plugin *plugin_register(void) { return NULL; }
