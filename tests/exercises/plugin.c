/* A plugin, built against the first version of the interface, and not rebuilt since. */
#include "plugin-1.h"

static const char *name(void) { return "shout"; }
static const char *version(void) { return "0.3.0"; }

const Plugin *plugin_register(void) {
    static const Plugin plugin = {name, version};
    return &plugin;
}
