/* Broken: it inserts a text in Latin-1 instead of UTF-8. */

#include "plugin.h"

static void before_save(void *data, const PluginDocument *document, PluginEdits *edits, PluginFailure *failure) {
    (void)data, (void)document, (void)failure;
    edits->add(edits, 0, 0, plugin_text("caf\xe9"));
}

static void status(void *data, PluginStatus *status) {
    (void)data;
    status->show(status, plugin_text("asked again"));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("latin1"),
        .release = PLUGIN_TEXT("1.0.0"),
        .before_save = before_save,
        .status = status,
    };
    return &plugin;
}
