/* A plugin with state: counts the calls of its callbacks, and shows the counts in the status line. */

#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

typedef struct {
    char label[32];
    int configured, opened, edited, before_save, closed, commands, run, status;
} Census;

/* Writes the counts to a buffer, and returns them as a text. */
static PluginText report(const Census *census, char *buffer, size_t size) {
    snprintf(buffer, size, "%s: configured %d, opened %d, edited %d, before_save %d, closed %d, commands %d, run %d, status %d",
             census->label, census->configured, census->opened, census->edited, census->before_save, census->closed,
             census->commands, census->run, census->status);
    return plugin_text(buffer);
}

static void configure(void *data, PluginText configuration, PluginFailure *failure) {
    Census *census = data;
    census->configured++;
    if (configuration.length == 0 || configuration.length >= sizeof census->label) {
        failure->fail(failure, plugin_text("expected a label of 1 to 31 bytes"));
        return;
    }
    memcpy(census->label, configuration.start, configuration.length);
    census->label[configuration.length] = '\0';
}

static void opened(void *data, const PluginDocument *document) {
    Census *census = data;
    (void)document;
    census->opened++;
}

static void edited(void *data, const PluginEdit *edits, size_t count, const PluginDocument *document,
                   PluginEdits *answer) {
    Census *census = data;
    (void)edits, (void)document, (void)answer;
    census->edited += (int)count;
}

static void before_save(void *data, const PluginDocument *document, PluginEdits *edits, PluginFailure *failure) {
    Census *census = data;
    (void)document, (void)edits, (void)failure;
    census->before_save++;
}

static void closed(void *data, const PluginDocument *document) {
    Census *census = data;
    (void)document;
    census->closed++;
}

static void commands(void *data, PluginCommands *commands) {
    Census *census = data;
    census->commands++;
    commands->add(commands, plugin_text("insert"), plugin_text("Insert the census"),
                  plugin_text("Writes what was counted so far above the line of the cursor."));
}

static void run(void *data, PluginText command, const PluginDocument *document, PluginEdits *edits,
                PluginFailure *failure) {
    Census *census = data;
    char buffer[256];
    PluginRange line;
    PluginText text;
    census->run++;
    if (command.length != 6 || memcmp(command.start, "insert", 6) != 0) {
        failure->fail(failure, plugin_text("there is no such command"));
        return;
    }
    if (!document->line(document, document->line_at(document, document->selection.start), &line)) {
        failure->fail_at(failure, document->selection.start, plugin_text("there is no line to write above"));
        return;
    }
    text = report(census, buffer, sizeof buffer - 1);
    buffer[text.length++] = '\n';
    edits->add(edits, line.start, 0, text);
}

static void status(void *data, PluginStatus *status) {
    Census *census = data;
    char buffer[256];
    census->status++;
    status->show(status, report(census, buffer, sizeof buffer));
}

static void destroy(void *data) {
    char buffer[256];
    report(data, buffer, sizeof buffer);
    fprintf(stderr, "%s, destroyed\n", buffer);
    free(data);
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("census"),
        .release = PLUGIN_TEXT("1.2.0"),
        .destroy = destroy,
        .configure = configure,
        .opened = opened,
        .edited = edited,
        .before_save = before_save,
        .closed = closed,
        .commands = commands,
        .run = run,
        .status = status,
    };
    Census *census = calloc(1, sizeof *census);
    if (census == NULL) {
        return NULL;
    }
    memcpy(census->label, "counted", sizeof "counted");
    plugin.data = census;
    return &plugin;
}
