// What of OpenSSL 3 a session needs, over memory BIOs: octets go in by feed and
// come out by drain, and nothing here waits. Functions that can fail fill text
// with the reason, up to TEXT octets: OpenSSL keeps it by thread, and a
// goroutine may be on another one at its next call.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define TEXT 200

// offer is the protocols of ALPN as they are on the wire (RFC 7301, Section 3.1).
typedef struct {
	unsigned int n;
	unsigned char list[256];
} offer;

SSL_CTX *new_context(int is_client, const offer *o, const char *certificate, int certificate_n,
                     const char *key, int key_n, char *text);
SSL *new_session(SSL_CTX *context, int is_client, const char *name);

// These return 1 or how many octets, or one of the following.
enum { AGAIN = 0, ENDED = -1, FAILED = -2 };
int handshake(SSL *s, char *text);
int decrypt(SSL *s, void *p, int n, char *text);
int encrypt(SSL *s, const void *p, int n, char *text);

void feed(SSL *s, const void *p, int n);
int drain(SSL *s, void *p, int n);
int pending(SSL *s);
// peer_certificate is the nth of the peer's in DER, which has to be freed, or 0.
int peer_certificate(SSL *s, int is_client, int nth, unsigned char **der);
void free_der(unsigned char *der);
