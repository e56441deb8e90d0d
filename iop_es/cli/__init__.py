"""The command `iop-es`: one file a family of commands; `frame` is what they share.

    store      migrate · status
    readmodels project · rebuild · parked
    serving    serve · token
    loading    load
    explain    explain
    printing   print · chart
    continued_stay  continued-stay
    changes    changes
    trail      trail
    downtime   downtime
    what_if    what-if
    today      today
    worklist   worklist; in lists: what each of them asks and shows
    self_audit self-audit
    disputing  dispute · verify-packet
    claims     claims prepare; in claim_files: claims submit · claims file; in correcting: claims correct
    remittances  claims import-835 · claims import-ack
    accounts   accounts charge
    policy     policy presets · policy show · policy publish · policy revise · policy verify
    showing    demo
    backing_up backup · restore
    verifying  verify · witness · log keys · log seal · log restored
    keys       keys status · keys requests · keys rotate · keys rotate-master · keys shred
    access     access policy
    bench      bench

Exit codes: 0 fine; 1 something in the work was refused; 2 the command line or the settings are wrong; 3 the database
cannot be used; 130 stopped with Ctrl-C. Results go to standard output, everything said beside them to standard error.
"""

from __future__ import annotations

import typer

from iop_es.cli import (
    access,
    accounts,
    backing_up,
    bench,
    changes,
    claim_files,
    claims,
    continued_stay,
    correcting,
    disputing,
    downtime,
    explain,
    keys,
    loading,
    policy,
    printing,
    readmodels,
    remittances,
    self_audit,
    serving,
    showing,
    store,
    today,
    trail,
    verifying,
    what_if,
    worklist,
)
from iop_es.cli.frame import Sentences

app = typer.Typer(
    name="iop-es",
    cls=Sentences,
    help="Intensive outpatient programs: every fact kept, every day decided, every answer as of any moment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    store.migrate, serving.serve, readmodels.project, showing.demo, loading.load, store.status, readmodels.rebuild,
    readmodels.parked, explain.explain, printing.chart, continued_stay.continued_stay, what_if.what_if,
    worklist.worklist, self_audit.self_audit, today.today, verifying.verify, verifying.witness, backing_up.backup,
    backing_up.restore, downtime.downtime, serving.token,
    disputing.dispute, bench.bench,
):  # fmt: skip
    app.command()(command)
app.command("print")(printing.print_)
app.command("changes")(changes.told)
app.command("trail")(trail.trail)
app.command("verify-packet")(disputing.verify_packet)
claims.claims.command()(claim_files.submit)
claims.claims.command()(claim_files.file)
claims.claims.command()(correcting.correct)
claims.claims.command("import-835")(remittances.import_835)
claims.claims.command("import-ack")(remittances.import_ack)
app.add_typer(claims.claims, name="claims")
app.add_typer(verifying.log, name="log")
app.add_typer(keys.keys, name="keys")
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(policy.policy, name="policy")
app.add_typer(access.access, name="access")


def main() -> None:
    """The console script."""
    app(prog_name="iop-es")
