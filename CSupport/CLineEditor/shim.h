// SPDX-License-Identifier: MIT
// libedit through its own interface: unlike the readline one it lets a program read the keys
// itself, so that one thread can wait for a key and for news at the same time.
// Swift calls no variadic function: each use of el_set, el_get and history has its name here.
#pragma once
#include <histedit.h>
#include <stdio.h>

/// A line editor on the standard streams; null without a usable terminal.
static inline EditLine *continuo_edit_open(const char *program) {
  return el_init(program, stdin, stdout, stderr);
}

static inline int continuo_edit_set_context(EditLine *edit, void *context) {
  return el_set(edit, EL_CLIENTDATA, context);
}

static inline void *continuo_edit_context(EditLine *edit) {
  void *context = NULL;
  return el_get(edit, EL_CLIENTDATA, &context) == 0 ? context : NULL;
}

static inline int continuo_edit_set_prompt(EditLine *edit, char *(*prompt)(EditLine *)) {
  return el_set(edit, EL_PROMPT, prompt);
}

/// What stands at the line's right end, hidden where the line needs the room.
static inline int continuo_edit_set_right_prompt(EditLine *edit, char *(*prompt)(EditLine *)) {
  return el_set(edit, EL_RPROMPT, prompt);
}

/// `read` gives one character: 1 when it did, 0 at the end of input, -1 to give the line up.
static inline int continuo_edit_set_reader(EditLine *edit, int (*read)(EditLine *, wchar_t *)) {
  return el_set(edit, EL_GETCFN, read);
}

/// Emacs keys; signals stay with the program.
static inline void continuo_edit_set_usual_ways(EditLine *edit) {
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_SIGNAL, 0);
}

/// Calls `complete` on Tab; it answers one of the CC_ codes.
static inline int continuo_edit_bind_tab(EditLine *edit,
                                         unsigned char (*complete)(EditLine *, int)) {
  if (el_set(edit, EL_ADDFN, "continuo-complete", "Complete a name", complete) != 0) return -1;
  return el_set(edit, EL_BIND, "^I", "continuo-complete", NULL);
}

static inline int continuo_edit_set_history(EditLine *edit, History *history_) {
  return el_set(edit, EL_HIST, history, history_);
}

/// Draws the prompt and the line again from where the cursor is.
static inline int continuo_edit_refresh(EditLine *edit) { return el_set(edit, EL_REFRESH); }

static inline int continuo_history_set_size(History *history_, int lines) {
  HistEvent event;
  if (history(history_, &event, H_SETSIZE, lines) < 0) return -1;
  return history(history_, &event, H_SETUNIQUE, 1);
}

static inline int continuo_history_enter(History *history_, const char *line) {
  HistEvent event;
  return history(history_, &event, H_ENTER, line);
}

/// Writes out what the editor has drawn so far.
static inline void continuo_edit_flush(void) { fflush(stdout); }

/// Columns of a character: 0, 1 or 2; -1 for none that prints. The C library hides it from Swift.
extern int wcwidth(wchar_t character);
