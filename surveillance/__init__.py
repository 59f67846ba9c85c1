"""The surveillance half of DEWS: from a source's bytes to ranked signals.

collect   feeds/    keeps a file's bytes before anything reads them
check     checks/   splits what holds from what is held back, with every reason
keep      store/    adds versions of records; reads them as of a moment
count     series    sums records into panels: substance x area by periods
detect    detect/   judges every series and period, or says why not
assess    assess    screens alarms and joins them into few, ranked families

``jobs`` alone joins the stages; the rest is the vocabulary they share.
"""
