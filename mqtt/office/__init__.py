"""The office: it makes keys, registers units, collects their records and answers with signed receipts."""
