;;; The server in Emacs with eglot, in batch mode: typing, flymake, hover, code actions.  -*- lexical-binding: t -*-
;; Reads what to do from the JSON file `loopguard-input', prints a line per step, writes the fixed buffers.

;; -Q hides Debian's folders of packages.
(dolist (folder (file-expand-wildcards "/usr/share/emacs/site-lisp/elpa/*"))
  (add-to-list 'load-path folder))
(require 'json)
(require 'cl-lib)
(require 'python)
(require 'eglot)
(require 'flymake)

(defvar loopguard-input)
(defvar loopguard-patience 10 "Seconds to wait for an answer.")
(defvar loopguard-task
  (let ((json-object-type 'alist) (json-array-type 'list))
    (json-read-file loopguard-input)))

(defun loopguard-of (key object) (alist-get key object))

(defun loopguard-say (verdict text)
  (princ (format "\n%s %s\n" verdict (replace-regexp-in-string "\n" "\\\\n" text)) #'external-debugging-output))

(defmacro loopguard-step (name &rest body)
  (declare (indent 1))
  `(condition-case failure
       (let ((note (progn ,@body)))
         (loopguard-say "ok" (if (stringp note) (format "%s: %s" ,name note) ,name)))
     (error (setq loopguard-patience 3)
            (loopguard-say "not ok" (format "%s: %s" ,name (error-message-string failure))))))

(defun loopguard-wait (what condition)
  (let ((deadline (+ (float-time) loopguard-patience)) (result nil))
    (while (not (setq result (funcall condition)))
      (when (> (float-time) deadline) (error "No %s within %s s" what loopguard-patience))
      (accept-process-output nil 0.02))
    result))

(defun loopguard-wait-for-finding (sample)
  "Wait for a diagnostic, and check that it is about SAMPLE."
  (loopguard-wait "diagnostic" #'flymake-diagnostics)
  (let ((text (flymake-diagnostic-text (car (flymake-diagnostics)))))
    (dolist (part (list "event loop" (loopguard-of 'primitive sample)))
      (unless (string-match-p (regexp-quote part) text) (error "The message lacks %S: %s" part text)))))

(defun loopguard-open (sample)
  (find-file (expand-file-name (loopguard-of 'file sample) (loopguard-of 'folder loopguard-task)))
  ;; `eglot-ensure' waits for the end of a command, and batch mode has none.
  (unless (eglot-managed-p) (run-hooks 'post-command-hook))
  (loopguard-wait "connection to the server" #'eglot-managed-p)
  (unless flymake-mode (flymake-mode 1))
  ;; So does this.
  (flymake-start))

(defun loopguard-go-to-site (sample)
  (goto-char (point-min))
  (search-forward (loopguard-of 'site sample))
  (goto-char (+ 2 (match-beginning 0))))

(setq eglot-sync-connect 10
      eglot-autoshutdown nil
      eglot-send-changes-idle-time 0
      eglot-confirm-server-initiated-edits nil
      enable-local-variables nil
      make-backup-files nil
      create-lockfiles nil)
;; What the README tells users to write.
(with-temp-buffer
  (insert (car (loopguard-of 'elisp (loopguard-of 'readme loopguard-task))))
  (eval-buffer))
;; Without a project each folder stands for itself; this one is ours.
(setq project-find-functions
      (list (lambda (_) (cons 'transient (loopguard-of 'folder loopguard-task)))))

(let* ((samples (loopguard-of 'samples loopguard-task)) (sleeping (car samples)))
  (loopguard-step "diagnostic"
    (loopguard-open sleeping)
    (goto-char (point-max))
    (unless (bolp) (insert "\n"))
    (insert (loopguard-of 'typed loopguard-task))
    (eglot--signal-textDocument/didChange)
    (let ((began (float-time)))
      (loopguard-wait-for-finding sleeping)
      (format "%d ms after the last key" (* 1000 (- (float-time) began)))))

  (loopguard-step "hover"
    (loopguard-go-to-site sleeping)
    (let* ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                                    (eglot--TextDocumentPositionParams)))
           (text (and answer (eglot--hover-info (plist-get answer :contents) (plist-get answer :range)))))
      (unless (and text (string-match-p (regexp-quote (loopguard-of 'primitive sleeping)) text))
        (error "The hover lacks %S: %S" (loopguard-of 'primitive sleeping) text))
      nil))

  (dolist (sample samples)
    (loopguard-step (loopguard-of 'action sample)
      (loopguard-open sample)
      (loopguard-wait-for-finding sample)
      (loopguard-go-to-site sample)
      (let ((before (buffer-string)) (last-nonmenu-event t) (offered nil))
        ;; eglot's menu: takes the first entry that names the action.
        (cl-letf (((symbol-function 'completing-read)
                   (lambda (_prompt choices &rest _)
                     (setq offered (mapcar #'car choices))
                     (or (cl-find-if (lambda (title)
                                       (string-match-p (regexp-quote (loopguard-of 'action sample)) title))
                                     offered)
                         (error "Offered is only %S" offered)))))
          (eglot-code-actions (line-beginning-position) (line-end-position) nil t))
        (when (string= before (buffer-string)) (error "The action changed nothing; offered was %S" offered))
        (save-buffer)
        nil)))

  (ignore-errors (eglot-shutdown (eglot--current-server-or-lose)))
  (kill-emacs 0))
