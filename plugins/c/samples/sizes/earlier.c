/* Simulates an earlier header, whose struct ended before `status`. The bytes after the end are not a callback. */

#include "plugin.h"

static void opened(void *data, const PluginDocument *document) {
    (void)data, (void)document;
}

static void status(void *data, PluginStatus *status) {
    (void)data;
    status->show(status, plugin_text("not a callback of this version"));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = offsetof(Plugin, status),
        .name = PLUGIN_TEXT("earlier"),
        .release = PLUGIN_TEXT("1.0.0"),
        .opened = opened,
        .status = status,
    };
    return &plugin;
}
