//go:build openssl

#include "glue.h"

// why fills text with the first reason that OpenSSL has noted.
static int why(SSL *s, char *text) {
	unsigned long e = ERR_get_error();
	long v = s ? SSL_get_verify_result(s) : X509_V_OK;
	if (v != X509_V_OK)
		BIO_snprintf(text, TEXT, "certificate: %s", X509_verify_cert_error_string(v));
	else if (e)
		ERR_error_string_n(e, text, TEXT);
	else
		BIO_snprintf(text, TEXT, "for no reason that it gives");
	ERR_clear_error();
	return FAILED;
}

// judge is what an operation has come to that returned r.
static int judge(SSL *s, int r, char *text) {
	if (r > 0)
		return r;
	switch (SSL_get_error(s, r)) {
	case SSL_ERROR_WANT_READ:
		return AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return ENDED;
	}
	return why(s, text);
}

static int choose(SSL *s, const unsigned char **out, unsigned char *n, const unsigned char *in, unsigned int in_n, void *o) {
	const offer *own = o;
	if (SSL_select_next_proto((unsigned char **)out, n, own->list, own->n, in, in_n) == OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_OK;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// use gives the context its certificate: a server's own, or the one that a
// client trusts.
static int use(SSL_CTX *c, int is_client, const char *certificate, int certificate_n, const char *key, int key_n) {
	BIO *b = BIO_new_mem_buf(certificate, certificate_n), *k = BIO_new_mem_buf(key, key_n);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	EVP_PKEY *p = is_client ? NULL : PEM_read_bio_PrivateKey(k, NULL, NULL, NULL);
	int ok = x && (is_client ? X509_STORE_add_cert(SSL_CTX_get_cert_store(c), x) == 1
	                         : p && SSL_CTX_use_certificate(c, x) == 1 && SSL_CTX_use_PrivateKey(c, p) == 1);
	X509_free(x);
	EVP_PKEY_free(p);
	BIO_free(b);
	BIO_free(k);
	return ok;
}

SSL_CTX *new_context(int is_client, const offer *o, const char *certificate, int certificate_n,
                     const char *key, int key_n, char *text) {
	ERR_clear_error();
	SSL_CTX *c = SSL_CTX_new(is_client ? TLS_client_method() : TLS_server_method());
	if (!c || !use(c, is_client, certificate, certificate_n, key, key_n)) {
		why(NULL, text);
		SSL_CTX_free(c);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	if (is_client) {
		SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_alpn_protos(c, o->list, o->n);
	} else {
		SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_alpn_select_cb(c, choose, (void *)o);
	}
	return c;
}

SSL *new_session(SSL_CTX *context, int is_client, const char *name) {
	SSL *s = SSL_new(context);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	if (!s || !in || !out || is_client && (!SSL_set_tlsext_host_name(s, name) || !SSL_set1_host(s, name))) {
		SSL_free(s);
		BIO_free(in);
		BIO_free(out);
		return NULL;
	}
	BIO_set_mem_eof_return(in, -1); // empty isn't the end
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(s, in, out);
	if (is_client)
		SSL_set_connect_state(s);
	else
		SSL_set_accept_state(s);
	return s;
}

int handshake(SSL *s, char *text) {
	ERR_clear_error();
	return judge(s, SSL_do_handshake(s), text);
}

int decrypt(SSL *s, void *p, int n, char *text) {
	ERR_clear_error();
	return judge(s, SSL_read(s, p, n), text);
}

int encrypt(SSL *s, const void *p, int n, char *text) {
	ERR_clear_error();
	return judge(s, SSL_write(s, p, n), text);
}

void feed(SSL *s, const void *p, int n) { BIO_write(SSL_get_rbio(s), p, n); }

int drain(SSL *s, void *p, int n) {
	int k = BIO_read(SSL_get_wbio(s), p, n);
	return k > 0 ? k : 0;
}

int pending(SSL *s) { return (int)BIO_ctrl_pending(SSL_get_wbio(s)); }

int peer_certificate(SSL *s, int is_client, int nth, unsigned char **der) {
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(s);
	X509 *own = SSL_get0_peer_certificate(s), *x;
	// The chain has the peer's own at a client only.
	if (nth == 0)
		x = own;
	else if (nth - !is_client < sk_X509_num(chain))
		x = sk_X509_value(chain, nth - !is_client);
	else
		x = NULL;
	return x ? i2d_X509(x, der) : 0;
}

void free_der(unsigned char *der) { OPENSSL_free(der); }
