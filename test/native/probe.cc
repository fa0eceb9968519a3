// The least program: does what is built with a sanitizer start on this machine?
int main() { return 0; }
