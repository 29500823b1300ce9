"""Which tables stand in the journal row by row (入志表): records, custody, registers, schedule, certificates, offices.

Left out are secrets (passwords), what changes without a deed, and what can be made again: the search index, notices,
the queue of jobs, drawn pages, and the marks of pages looked at (their openings stand in the journal). ``anjuan audit``
holds each row against its digest; ``anjuan rebuild`` brings it back.
"""

from anjuan.foundation.journal.rules import KeptTable

KEPT = (
    KeptTable("accounts.Agency"),
    KeptTable("accounts.Staff", frozenset({"password", "last_login"}), {"password": "!"}),  # it opens nothing
    KeptTable("accounts.Appointment"),
    KeptTable("schedule.ScheduleVersion"),
    KeptTable("schedule.RetentionRule"),
    KeptTable("schedule.BusinessStep"),
    KeptTable("schedule.Material"),
    KeptTable("records.Fonds"),
    KeptTable("records.Category"),
    KeptTable("records.Subject"),
    KeptTable("records.Volume"),
    KeptTable("records.Item"),
    KeptTable("records.Component"),
    KeptTable("records.Involvement"),
    KeptTable("records.Restraint"),
    KeptTable("records.Participation"),
    KeptTable("business.Fact"),
    KeptTable("business.Completion"),
    KeptTable("ledger.LogKey"),
    KeptTable("repository.StoredObject"),
    KeptTable("copies.Place", frozenset({"unreachable_since", "months_left"})),
    KeptTable("copies.CopyPolicy"),
    KeptTable("copies.Incident"),
    KeptTable("signing.KeyGeneration"),
    KeptTable("evidence.DayRoot"),
    KeptTable("formats.FormatFinding"),
    KeptTable("stacks.Room"),
    KeptTable("stacks.Cell"),
    KeptTable("stacks.Placement"),
    KeptTable("corrections.Correction"),
    KeptTable("assurance.Report"),
    KeptTable("intake.Receipt"),
    KeptTable("intake.SentConflict"),
    KeptTable("screening.Quarantined"),
    KeptTable("inspection.SelfCheck"),
    KeptTable("inspection.SampleDraw"),
    KeptTable("inspection.PaperCheck"),
    KeptTable("transfer.Batch"),
    KeptTable("transfer.BatchVolume"),
    KeptTable("workshop.WorkOrder"),
    KeptTable("workshop.StationPass"),
    KeptTable("certificates.Certificate"),
)

# Tables that do not, and why: whoever adds a table decides.
NOT_KEPT = {
    "records.Look": "unfinished looking is repeated; that a page was opened stands in the openings",
    "repository.StoredFile": "the store's inventories say it; the audit holds the rows against them",
    "copies.ObjectCopy": "a copy counts from its last verification: after a rebuild each is verified anew",
    "notices.Notice": "made again from the journal",
    "notices.NoticeSubject": "made again from the journal",
    "jobs.Job": "how work went is no record",
    "jobs.JobItem": "how work went is no record",
    "jobs.Pulse": "a sign of life",
    "accounts.AccessToken": "a secret that lasts twelve hours",
    "intake.CatalogueSheet": "the work of an import: what it did stands in the deeds",
    "intake.RowFault": "the work of an import: found again by checking the sheet anew",
    "intake.FieldChange": "the work of an import: what items were before stands in their rows' images",
    "intake.ColumnMap": "a convenience: headings are mapped again",
    "intake.FilingTry": "tried again by itself: the reason is found anew",
    "intake.Sending": "a file on its way in: it is sent again",
    "intake.ImageSet": "what was attached stands in the deeds; the images wait in the spool",
    "intake.Pile": "a draft: what came of it stands in the deeds; its pages wait in the spool",
    "intake.Leaf": "a draft: what came of it stands in the deeds; its pages wait in the spool",
    "ledger.Checkpoint": "the log keeps every one of them",
}
