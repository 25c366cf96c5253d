// SPDX-License-Identifier: MIT
// libcurl as Swift sees it: its variadic calls, one function for each type of argument.
#pragma once
#include <curl/curl.h>

/// Receives `count` bytes of a response's body and returns how many it took.
typedef size_t (*continuo_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode continuo_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode continuo_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode continuo_curl_set_list(CURL *easy, CURLoption option,
                                              struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}
/// `size` bytes at `body` are copied.
static inline CURLcode continuo_curl_set_body(CURL *easy, const void *body, size_t size) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
}
static inline CURLcode continuo_curl_set_sink(CURL *easy, continuo_curl_sink sink, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, sink);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}
/// `buffer` holds CURL_ERROR_SIZE bytes and outlives the handle.
static inline CURLcode continuo_curl_set_error_buffer(CURL *easy, char *buffer) {
  return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}
static inline long continuo_curl_status(CURL *easy) {
  long value = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &value);
  return value;
}
/// The body's type, or null.
static inline const char *continuo_curl_content_type(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &value);
  return value;
}
/// Where a redirection leads, or null.
static inline const char *continuo_curl_redirect(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &value);
  return value;
}
/// Seconds of a Retry-After header, given as a number or a date; 0 without one.
static inline long long continuo_curl_retry_after(CURL *easy) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &value);
  return (long long)value;
}
/// Whether the transfer ended, and then how: the multi handle's next message.
static inline int continuo_curl_ended(CURLM *multi, CURLcode *code) {
  int left = 0;
  CURLMsg *message = curl_multi_info_read(multi, &left);
  if (message == NULL || message->msg != CURLMSG_DONE) {
    return 0;
  }
  *code = message->data.result;
  return 1;
}
static inline CURLcode continuo_curl_start(void) { return curl_global_init(CURL_GLOBAL_ALL); }
