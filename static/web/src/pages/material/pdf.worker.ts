// The worker that reads PDF files, of our own origin and with a policy of its own: see static.go.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
