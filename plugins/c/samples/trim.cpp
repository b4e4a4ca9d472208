// A C++ plugin: removes white space at the ends of lines before a document is saved.

#include <exception>
#include <new>
#include <string>

#include "plugin.h"

namespace {

class Trim {
public:
    void before_save(const PluginDocument &document, PluginEdits &edits) {
        const std::string text(document.text.start, document.text.length);
        for (size_t index = 0; index < document.line_count; index++) {
            PluginRange line;
            if (!document.line(&document, index, &line)) continue;
            size_t end = line.end;
            while (end > line.start && (text[end - 1] == ' ' || text[end - 1] == '\t')) end--;
            if (end < line.end) {
                edits.add(&edits, end, line.end - end, PluginText());
                trimmed++;
            }
        }
    }

    std::string status() const { return trimmed == 0 ? "" : std::to_string(trimmed) + " lines trimmed"; }

private:
    size_t trimmed = 0;
};

// No exception may leave a callback. With `noexcept`, an exception that would leave it ends the program.
void destroy(void *data) noexcept { delete static_cast<Trim *>(data); }

void before_save(void *data, const PluginDocument *document, PluginEdits *edits, PluginFailure *failure) noexcept {
    try {
        static_cast<Trim *>(data)->before_save(*document, *edits);
    } catch (const std::exception &exception) {
        failure->fail(failure, plugin_text(exception.what()));
    }
}

void status(void *data, PluginStatus *status) noexcept {
    const std::string text = static_cast<Trim *>(data)->status();
    if (!text.empty()) status->show(status, plugin_text(text.c_str()));
}

} // namespace

extern "C" PLUGIN_EXPORT const Plugin *plugin_register() {
    static Plugin plugin = Plugin();
    Trim *trim = new (std::nothrow) Trim();
    if (trim == nullptr) return nullptr;
    plugin.version = PLUGIN_VERSION;
    plugin.size = sizeof(Plugin);
    plugin.name = plugin_text("trim");
    plugin.release = plugin_text("1.0.0");
    plugin.data = trim;
    plugin.destroy = destroy;
    plugin.before_save = before_save;
    plugin.status = status;
    return &plugin;
}
